import {expect, test} from '@jest/globals';
import {describeWith, freePort, until} from '@keelson/test-kit';
import {app, childrenOf, PID_NAMESPACE, run, started} from './faults.ts';

describeWith(['unshare'], 'in a namespace of its own', () => {
  test('37: as PID 1 it says which init to put above it, serves, and ends at SIGTERM', async () => {
    const port = await freePort();
    await using supervisor = started('unshare', [
      ...PID_NAMESPACE,
      process.execPath,
      run,
      '--port',
      String(port),
      '--',
      'node',
      app,
    ]);
    const {child, told} = supervisor;
    supervisor.readAll();
    await until(() => told().includes('takes traffic'));
    expect(told()).toMatch(/tini|catatonit/);
    const ask = await fetch(`http://127.0.0.1:${port}/`);
    expect(ask.status).toBe(200);
    const [first] = await childrenOf(child.pid!);
    process.kill(first!, 'SIGTERM');
    expect(await supervisor.exited).toEqual([0, null]);
  });
});
