import {once} from 'node:events';
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import {listenOnControlSocket} from './control-socket.ts';
import {SupervisorFault} from './fault.ts';
import type {HealthAddress} from './health-address.ts';
import type {PluginApi} from './plugin.ts';
import type {ServiceHealth} from './service-health.ts';

/**
 * Answers `/health` (everything, as application/health+json), `/livez` and `/readyz` (200 or 503, with a line for each thing that is
 * wrong), and `/metrics`. Faults: SUPERVISOR_HEALTH_ADDRESS, SUPERVISOR_CONTROL_PATH.
 */
export async function serveHealth(
  where: HealthAddress,
  asked: Pick<PluginApi, 'health' | 'metrics'>,
): Promise<AsyncDisposable> {
  const server = createServer((request, response) => {
    answer(request, response, asked).catch((error: Error) => end(response, 500, `${error.message}\n`));
  });
  server.headersTimeout = 5000;
  server.maxConnections = 256;
  const socket =
    'path' in where ? await listenOnControlSocket(server, where.path) : await listen(server, where);
  server.unref();
  return {
    async [Symbol.asyncDispose]() {
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

const PATHS = '/health, /livez, /readyz, /metrics';

async function answer(
  {method, url = '/'}: IncomingMessage,
  response: ServerResponse,
  asked: Pick<PluginApi, 'health' | 'metrics'>,
): Promise<void> {
  const [pathname = ''] = url.split('?');
  response.setHeader('cache-control', 'no-store');
  if (method !== 'GET' && method !== 'HEAD')
    return end(response.setHeader('allow', 'GET, HEAD'), 405, 'GET\n');
  if (pathname === '/metrics') {
    const text = await asked.metrics();
    if (text === '') return end(response, 404, 'there are none: --metrics collects them\n');
    response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
    return end(response, 200, text);
  }
  if (!['/health', '/livez', '/readyz'].includes(pathname)) return end(response, 404, `${PATHS}\n`);
  const health: ServiceHealth = await asked.health();
  if (pathname === '/health') {
    response.setHeader('content-type', 'application/health+json');
    return end(response, health.status === 'fail' ? 503 : 200, `${JSON.stringify(health)}\n`);
  }
  const good = pathname === '/livez' ? health.live : health.ready;
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  return end(response, good ? 200 : 503, [good ? 'ok' : 'failed', ...health.notes, ''].join('\n'));
}

function end(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.end(text);
}
