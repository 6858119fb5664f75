// An app that ends itself at SIGTERM as the library in LIBRARY shows it (PEER is its folder); without one it closes its server by hand.
const http = require('node:http');

const {LIBRARY, PEER, PORT} = process.env;
const answer = (request, response) => setTimeout(() => response.setHeader('Content-Length', 2).end('ok'), 5);
const ways = {
  close: (server) => process.on('SIGTERM', () => server.close(() => process.exit())),
  nothing: () => {},
  stoppable: (server) => {
    const stoppable = require(PEER)(server, 10_000);
    process.on('SIGTERM', () => stoppable.stop(() => process.exit()));
  },
  'http-terminator': (server) => {
    const {createHttpTerminator} = require(PEER);
    const terminator = createHttpTerminator({server});
    process.on('SIGTERM', () => terminator.terminate().then(() => process.exit()));
  },
  terminus: (server) => require(PEER).createTerminus(server, {signals: ['SIGTERM'], timeout: 10_000}),
};
if (LIBRARY === 'close-with-grace') {
  const app = require(process.env.FASTIFY)();
  app.get('/', async () => new Promise((resolve) => setTimeout(resolve, 5, 'ok')));
  require(PEER)({delay: 10_000}, () => app.close());
  app.listen({port: Number(PORT)});
} else {
  const server = http.createServer(answer);
  ways[LIBRARY ?? 'nothing'](server);
  server.listen(PORT);
}
