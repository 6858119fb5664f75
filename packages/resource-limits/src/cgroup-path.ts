import type {KernelFiles} from './kernel-files.ts';

/** The directories that hold this process's cgroup, from its own up to the topmost that is visible. */
export interface CgroupPath {
  readonly version: 1 | 2;
  /** v1: the controllers of this hierarchy. v2: empty, files tell. */
  readonly controllers: readonly string[];
  readonly directories: readonly string[];
}

interface Mount {
  readonly version: 1 | 2;
  /** Which cgroup lies at the mount point. */
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

const namesOf = (path: string): string[] => path.split('/').filter(Boolean);

/** Names that lead from the mount point to the cgroup `path`; undefined when it is not below what is mounted. */
function below(mount: Mount, path: string): string[] | undefined {
  const [root, names] = [namesOf(mount.root), namesOf(path)];
  if ([...root, ...names].includes('..')) return undefined;
  return root.every((name, at) => names[at] === name) ? names.slice(root.length) : undefined;
}

function upwards({point}: Mount, names: readonly string[]): string[] {
  return Array.from({length: names.length + 1}, (_, up) =>
    [point === '/' ? '' : point, ...names.slice(0, names.length - up)].join('/'),
  );
}

/** The mount that shows most of the way up to `path`; undefined when none shows any of it. */
function widest(mounts: readonly Mount[], path: string): {mount: Mount; names: string[]} | undefined {
  return mounts
    .flatMap((mount) => {
      const names = below(mount, path);
      return names ? [{mount, names}] : [];
    })
    .sort((a, b) => b.names.length - a.names.length)[0];
}

/**
 * Where a namespace hides how far below the mount point this process is (its mount came from outside, `/../..` in
 * mountinfo: cgroup_namespaces(7)), it is the cgroup at that depth that lists the process.
 */
async function searched(mount: Mount, path: string, {files, pid}: Searcher): Promise<string[] | undefined> {
  const up = namesOf(mount.root);
  if (up.length === 0 || up.some((name) => name !== '..') || namesOf(path).includes('..')) return undefined;
  const from = async (directory: string, depth: number): Promise<string[] | undefined> => {
    if (depth === 0) {
      const own = [directory, ...namesOf(path)].join('/');
      const members = (await files.read(`${own}/cgroup.procs`))?.split('\n') ?? [];
      return members.includes(pid) ? [directory] : undefined;
    }
    for (const name of (await files.list(directory)) ?? []) {
      // Of a cgroup's folders and files only the latter have a dot after a controller's name.
      if (
        /^(cgroup|cpu|cpuacct|cpuset|memory|pids|io|blkio|hugetlb|irq|rdma|misc|devices|freezer)\./.test(name)
      )
        continue;
      const found = await from(`${directory}/${name}`, depth - 1);
      if (found) return found;
    }
    return undefined;
  };
  const [directory] = (await from(mount.point, up.length)) ?? [];
  return directory === undefined
    ? undefined
    : [...namesOf(directory.slice(mount.point.length)), ...namesOf(path)];
}

interface Searcher {
  readonly files: KernelFiles;
  readonly pid: string;
}

/** Every hierarchy that this process is in: v1, v2 or both (`hierarchy:controllers:path` lines, cgroups(7)). */
export async function readCgroupPaths(files: KernelFiles): Promise<CgroupPath[]> {
  const mounts = ((await files.read('/proc/self/mountinfo')) ?? '').split('\n').flatMap(parseMount);
  const lines = ((await files.read('/proc/self/cgroup')) ?? '').split('\n').filter(Boolean);
  const pid = ((await files.read('/proc/self/stat')) ?? '').split(' ')[0] ?? '';
  const paths: CgroupPath[] = [];
  for (const line of lines) {
    const [id = '', listed = '', ...rest] = line.split(':');
    const path = rest.join(':');
    const version = id === '0' && listed === '' ? 2 : 1;
    const controllers = listed.split(',').filter(Boolean);
    const of = mounts.filter(
      (mount) =>
        mount.version === version && controllers.every((controller) => mount.options.includes(controller)),
    );
    const mount = of.at(-1);
    if (!mount) continue;
    const found = widest(of, path) ?? {mount, names: (await searched(mount, path, {files, pid})) ?? []};
    paths.push({version, controllers, directories: upwards(found.mount, found.names)});
  }
  return paths;
}
