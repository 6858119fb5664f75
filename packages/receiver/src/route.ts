import type {IncomingMessage} from 'node:http';

export type Service = 'receive-pack' | 'upload-pack';

/** What a request asks for. */
export interface Route {
  readonly app: string;
  readonly service: Service;
  /** 'advertise': which refs are there. 'exchange': the push or fetch itself. */
  readonly phase: 'advertise' | 'exchange';
}

/** One of git's four smart HTTP requests (gitprotocol-http(5)); undefined for anything else. The app's name is not checked yet. */
export function routeOf(request: IncomingMessage): Route | undefined {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const [, app = '', rest = ''] =
    /^\/([^/]+?)(?:\.git)?\/(info\/refs|git-(?:receive|upload)-pack)$/.exec(path) ?? [];
  if (rest === 'info/refs') {
    const service = serviceOf(new URLSearchParams(query).get('service') ?? '');
    return request.method === 'GET' && service ? {app, service, phase: 'advertise'} : undefined;
  }
  const service = serviceOf(rest);
  return request.method === 'POST' && service ? {app, service, phase: 'exchange'} : undefined;
}

function serviceOf(name: string): Service | undefined {
  if (name === 'git-receive-pack') return 'receive-pack';
  return name === 'git-upload-pack' ? 'upload-pack' : undefined;
}
