import {once} from 'node:events';
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import {listenOnControlSocket} from './control-socket.ts';
import {SupervisorFault} from './fault.ts';
import type {HealthAddress} from './health-address.ts';
import type {Service} from './run-service.ts';
import {type ServiceHealth, serviceHealth} from './service-health.ts';

const PING_MS = 1000;

/**
 * Answers `/health` (everything, as application/health+json), `/livez` and `/readyz` (200 or 503, with a line for each thing that is
 * wrong), and asks the workers for signs of life. Faults: SUPERVISOR_HEALTH_ADDRESS, SUPERVISOR_CONTROL_PATH.
 */
export async function serveHealth(where: HealthAddress, service: Service): Promise<AsyncDisposable> {
  const server = createServer((request, response) =>
    answer(request, response, serviceHealth(service.status())),
  );
  server.headersTimeout = 5000;
  server.maxConnections = 256;
  const socket =
    'path' in where ? await listenOnControlSocket(server, where.path) : await listen(server, where);
  server.unref();
  const pings = setInterval(() => service.ping(), PING_MS).unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(pings);
      server.closeAllConnections();
      await socket[Symbol.asyncDispose]();
    },
  };
}

async function listen(server: Server, {host, port}: {host: string; port: number}): Promise<AsyncDisposable> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw new SupervisorFault(
      'SUPERVISOR_HEALTH_ADDRESS',
      `Cannot answer on ${host}:${port}: ${(error as Error).message}`,
      {
        cause: error,
        hint: 'Choose another --health-on.',
      },
    );
  }
  return {[Symbol.asyncDispose]: async () => void server.close()};
}

function answer({method, url = '/'}: IncomingMessage, response: ServerResponse, health: ServiceHealth): void {
  const [pathname = ''] = url.split('?');
  response.setHeader('cache-control', 'no-store');
  if (method !== 'GET' && method !== 'HEAD')
    return end(response.setHeader('allow', 'GET, HEAD'), 405, 'GET\n');
  if (pathname === '/health') {
    response.setHeader('content-type', 'application/health+json');
    return end(response, health.status === 'fail' ? 503 : 200, `${JSON.stringify(health)}\n`);
  }
  const asked = {'/livez': health.live, '/readyz': health.ready}[pathname];
  if (asked === undefined) return end(response, 404, '/health, /livez, /readyz\n');
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  return end(response, asked ? 200 : 503, [asked ? 'ok' : 'failed', ...health.notes, ''].join('\n'));
}

function end(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.end(text);
}
