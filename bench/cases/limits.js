// 10 000 entry points shared out, as a whole process; theirs is the same process that shares nothing out. Target: 200 ms of CPU.
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

const DISTRIBUTE = `
const [module, count, explain] = process.argv.slice(1);
const {distribute} = await import(module);
const weights = [50, 100, 300, 7];
const entryPoints = Array.from({length: Number(count)}, (_, index) => ({
  name: 'type-' + index,
  memWeight: weights[index % 4],
  cpuWeight: weights[index % 3],
  maxTotalMemory: index % 5 === 0 ? '200M' : undefined,
}));
const capacity = {memoryBytes: 1024 ** 4 + 12345, cpus: 64, files: 1048576, processes: 4194304};
const allocations = distribute(capacity, entryPoints, {explain: explain === 'explain'});
if (allocations.length !== Number(count)) process.exitCode = 1;
`;

export default function limits({root}) {
  const module = pathToFileURL(join(root, 'packages/resource-limits/dist/distribute.js')).href;
  const command = (count, ...explain) => [
    process.execPath,
    '--input-type=module',
    '-e',
    DISTRIBUTE,
    module,
    String(count),
    ...explain,
  ];
  const theirs = {name: 'distribute, none', command: command(0)};
  return [
    {ours: {name: 'distribute, 10 000 entry points', command: command(10_000)}, theirs},
    {ours: {name: '… with a reason for each number', command: command(10_000, 'explain')}, theirs},
  ];
}
