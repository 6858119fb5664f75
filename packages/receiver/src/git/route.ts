export type Service = 'receive-pack' | 'upload-pack';

/** What a request of git asks for. */
export interface GitRoute {
  /** Of the repository. */
  readonly name: string;
  readonly service: Service;
  /** 'advertise': which refs are there. 'exchange': the push or fetch itself. */
  readonly phase: 'advertise' | 'exchange';
}

/** One of git's four smart HTTP requests (gitprotocol-http(5)); undefined for anything else. The name is not checked yet. */
export function gitRouteOf(method: string | undefined, target: string): GitRoute | undefined {
  const [path = '', query = ''] = target.split('?', 2);
  const [, name = '', rest = ''] =
    /^\/([^/]+?)(?:\.git)?\/(info\/refs|git-(?:receive|upload)-pack)$/.exec(path) ?? [];
  if (rest === 'info/refs') {
    const service = serviceOf(new URLSearchParams(query).get('service') ?? '');
    return method === 'GET' && service ? {name, service, phase: 'advertise'} : undefined;
  }
  const service = serviceOf(rest);
  return method === 'POST' && service ? {name, service, phase: 'exchange'} : undefined;
}

function serviceOf(name: string): Service | undefined {
  if (name === 'git-receive-pack') return 'receive-pack';
  return name === 'git-upload-pack' ? 'upload-pack' : undefined;
}
