// The app of the serving benches: nothing but node:http.
const http = require('node:http');
http
  .createServer((request, response) => {
    request.resume();
    response.setHeader('Content-Length', 5).end('hello');
  })
  .listen(process.env.PORT);
