// request-load.js PORT CONNECTIONS COUNT keep-alive|new: sends so many requests, each after the answer to the one before. Exit 1 when one is lost.
const net = require('node:net');

const [port, connections, count] = process.argv.slice(2, 5).map(Number);
const close = process.argv[5] === 'new';
const request = Buffer.from(`GET / HTTP/1.1\r\nHost: x\r\n${close ? 'Connection: close\r\n' : ''}\r\n`);
const END = Buffer.from('hello');
let sent = 0;
let answered = 0;
const fail = (why) => {
  process.stderr.write(`request-load: ${why} after ${answered}\n`);
  process.exit(1);
};
function client() {
  if (sent >= count) return;
  const socket = net.connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  let waiting = false;
  const send = () => {
    if (sent++ >= count) return void socket.destroy();
    waiting = true;
    socket.write(request);
  };
  socket.on('connect', send);
  socket.on('data', (data) => {
    if (!data.subarray(-5).equals(END)) return; // the rest is still to come
    waiting = false;
    answered++;
    if (!close) send();
    if (answered === count) process.exit(0);
  });
  socket.on('end', () => (waiting ? fail('an end') : socket.destroy()));
  socket.on('close', () => (waiting ? fail('a close') : client()));
  socket.on('error', ({code}) => fail(code));
}
for (let at = 0; at < connections; at++) client();
