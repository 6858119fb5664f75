import type {ReadKernelFile} from './kernel-files.ts';

/** The directories that hold this process's cgroup, from its own up to the topmost that is visible. */
export interface CgroupPath {
  readonly version: 1 | 2;
  /** v1: the controllers of this hierarchy. v2: empty, files tell. */
  readonly controllers: readonly string[];
  readonly directories: readonly string[];
}

interface Mount {
  readonly version: 1 | 2;
  readonly root: string;
  readonly point: string;
  readonly options: readonly string[];
}

// Blanks, tabs, newlines and backslashes of paths are octal escapes in mountinfo: proc(5).
function unescapeOctal(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}

/** `36 35 98:0 /root /mount/point options [tags…] - type source superoptions`: proc(5). */
function parseMount(line: string): Mount[] {
  const [before = '', after = ''] = line.split(' - ');
  const [type, , options = ''] = after.split(' ');
  if (type !== 'cgroup' && type !== 'cgroup2') return [];
  const [, , , root = '/', point = '/'] = before.split(' ');
  return [
    {
      version: type === 'cgroup' ? 1 : 2,
      root: unescapeOctal(root),
      point: unescapeOctal(point),
      options: options.split(','),
    },
  ];
}

/** Path below `mount` of the cgroup `path`; '' when the mount shows only something else (a container without its own namespace). */
function below(mount: Mount, path: string): string {
  const root = mount.root === '/' ? '' : mount.root;
  const inside = path === root || path.startsWith(`${root}/`);
  return inside && !path.split('/').includes('..') ? path.slice(root.length) : '';
}

function upwards(mount: Mount, path: string): string[] {
  const names = below(mount, path).split('/').filter(Boolean);
  return Array.from({length: names.length + 1}, (_, up) =>
    [mount.point, ...names.slice(0, names.length - up)].join('/').replace(/\/+/g, '/'),
  );
}

/** Every hierarchy that this process is in: v1, v2 or both (`hierarchy:controllers:path` lines, cgroups(7)). */
export async function readCgroupPaths(read: ReadKernelFile): Promise<CgroupPath[]> {
  const mounts = ((await read('/proc/self/mountinfo')) ?? '').split('\n').flatMap(parseMount);
  const lines = ((await read('/proc/self/cgroup')) ?? '').split('\n').filter(Boolean);
  return lines.flatMap((line) => {
    const [id = '', names = '', ...rest] = line.split(':');
    const path = rest.join(':');
    const version = id === '0' && names === '' ? 2 : 1;
    const controllers = names.split(',').filter(Boolean);
    const candidates = mounts.filter(
      (mount) =>
        mount.version === version && controllers.every((controller) => mount.options.includes(controller)),
    );
    const mount = candidates.find((candidate) => below(candidate, path) !== '') ?? candidates.at(-1);
    return mount ? [{version, controllers, directories: upwards(mount, path)} as const] : [];
  });
}
