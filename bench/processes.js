import {readdirSync, readFileSync} from 'node:fs';
import net from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';

function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12])};
  } catch {
    return undefined; // it has ended
  }
}

/** A process and all that descend from it. */
export function treeOf(root) {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => statOf(pid) ?? []);
  const tree = all.filter(({pid}) => pid === root);
  for (const {pid} of tree) tree.push(...all.filter(({parent}) => parent === pid));
  return tree;
}

/** User and system time of a tree of living processes so far, in milliseconds; the kernel counts in hundredths of a second. */
export const cpuOf = (root) => treeOf(root).reduce((sum, {ticks}) => sum + ticks * 10, 0);

/** Resident memory in MiB. */
export const residentOf = (pid) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))[1]) / 1024;

/** A port of loopback that was free a moment ago. */
export function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const {port} = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Resolves when `condition()` is true; fails after a minute. */
export async function until(condition, what) {
  for (const deadline = Date.now() + 60_000; !(await condition()); await sleep(50))
    if (Date.now() > deadline) throw new Error(`waited a minute for ${what}`);
}

/** Whether a port answers HTTP. */
export const answers = (port) =>
  fetch(`http://127.0.0.1:${port}/`, {headers: {connection: 'close'}}).then(
    () => true,
    () => false,
  );
