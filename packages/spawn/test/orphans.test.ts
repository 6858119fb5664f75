import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {
  alive,
  launchBin,
  processesOf,
  processesWith,
  runBin,
  until,
  type LaunchedBin,
} from '@keelson/test-kit';

const fixture = (name: string) => join(import.meta.dirname, '../test/fixtures', name);
const STUBBORN = `trap '' TERM INT HUP; sleep 60 & (sleep 60; true) & sleep 60; sleep 60`;

function guardsOf(parent: number): number[] {
  return processesWith('keelson-guard').filter((pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
  });
}

async function startedBy(parent: LaunchedBin): Promise<number[]> {
  const line = await parent.line('started');
  return (JSON.parse(line) as {started: number[]}).started;
}

/** Who of the groups still runs, once they had time to end. */
async function survivorsOf(groups: readonly number[]): Promise<number[]> {
  const living = () => groups.flatMap((group) => processesOf(group));
  await until(() => living().length === 0, {what: 'the end of the groups'});
  return living();
}

describe('when our program ends', () => {
  // At the same time: each waits three seconds for what is stubborn.
  test('by whichever signal, its groups end', async () => {
    const endedBy = async (signal: NodeJS.Signals) => {
      await using parent = launchBin(fixture('parent.mjs'), [STUBBORN, 'sleep 60 & sleep 60']);
      const groups = await startedBy(parent);
      await until(() => groups.every((group) => processesOf(group).length >= 2));
      const [guard] = guardsOf(parent.pid);
      parent.kill(signal);
      await parent.exited;
      const survivors = await survivorsOf(groups);
      await until(() => !alive(guard!));
      return {signal, survivors};
    };
    const signals = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const;
    expect(await Promise.all(signals.map(endedBy))).toEqual(
      signals.map((signal) => ({signal, survivors: []})),
    );
  });

  test('by exit, its groups end', async () => {
    await using parent = launchBin(fixture('parent.mjs'), [STUBBORN]);
    const groups = await startedBy(parent);
    parent.stdin.write('exit\n');
    await parent.exited;
    expect(await survivorsOf(groups)).toEqual([]);
  });

  test('with nothing to guard, the guard has neither kept it alive nor held its output', async () => {
    const {code, stdout, stderr} = await runBin(fixture('ends-by-itself.mjs'));
    expect({code, stdout, stderr}).toEqual({code: 0, stdout: 'done\n', stderr: ''});
  });
});

describe('the guard', () => {
  test('is one for all children', async () => {
    await using parent = launchBin(fixture('parent.mjs'), ['sleep 60', 'sleep 60', 'sleep 60']);
    await startedBy(parent);
    expect(guardsOf(parent.pid)).toHaveLength(1);
  });

  test('ignores the signals that end a program', async () => {
    await using parent = launchBin(fixture('parent.mjs'), [STUBBORN]);
    const groups = await startedBy(parent);
    const [guard] = guardsOf(parent.pid);
    // Its shell has come to its trap: bit 1 is SIGINT's (proc(5)).
    await until(() => /^SigIgn:.*[2367abef]$/m.test(readFileSync(`/proc/${guard}/status`, 'latin1')));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.kill(guard!, signal);
    parent.kill('SIGKILL');
    expect(await survivorsOf(groups)).toEqual([]);
  });

  test('is replaced when it was killed', async () => {
    await using parent = launchBin(fixture('parent.mjs'), [STUBBORN]);
    const first = await startedBy(parent);
    const [guard] = guardsOf(parent.pid);
    process.kill(guard!, 'SIGKILL');
    await until(() => !alive(guard!));
    parent.stdin.write('more\n');
    await until(() => parent.stdout.split('started').length === 3);
    const second = (JSON.parse(parent.stdout.trim().split('\n')[1]!) as {started: number[]}).started;
    await until(() => guardsOf(parent.pid).length === 1, {what: 'one guard in its place'});
    parent.kill('SIGKILL');
    expect(await survivorsOf([...first, ...second])).toEqual([]);
  });
});
