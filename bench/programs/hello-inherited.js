// hello-app.js in WORKERS workers that inherit a bound descriptor and accept on it, and nothing around them.
const http = require('node:http');
const net = require('node:net');
const {spawn} = require('node:child_process');

if (process.argv[2] === 'worker') {
  http
    .createServer((request, response) => {
      request.resume();
      response.setHeader('Content-Length', 5).end('hello');
    })
    .listen({fd: 3});
  process.on('disconnect', () => process.exit());
} else {
  const {fd} = net._createServerHandle('127.0.0.1', Number(process.env.PORT), 4);
  for (let worker = 0; worker < Number(process.env.WORKERS); worker++)
    spawn(process.execPath, [__filename, 'worker'], {stdio: ['ignore', 'inherit', 'inherit', fd, 'ipc']});
}
