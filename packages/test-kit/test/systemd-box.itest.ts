import {execFileSync} from 'node:child_process';
import {existsSync, statSync} from 'node:fs';

import {afterAll, beforeAll, expect, test} from '@jest/globals';
import {alive, describeWithBox, packageRoot, systemdBox, type SystemdBox, testdir} from '@keelson/test-kit';

const groupsOfBoxes = () =>
  execFileSync('find', ['/sys/fs/cgroup', '-name', `keelson-box-${process.pid}-*`], {encoding: 'utf8'});

describeWithBox('systemdBox', () => {
  let box: SystemdBox;
  beforeAll(async () => {
    box = await systemdBox();
  });
  afterAll(async () => box[Symbol.asyncDispose]());

  test('a unit starts, is limited, speaks into the journal, and ends', async () => {
    await box.write({
      '/etc/systemd/system/hello.service': [
        '[Service]',
        'ExecStart=/bin/sh -c "echo hello from $$$$; exec sleep infinity"',
        'MemoryMax=64M',
        'CPUQuota=50%',
        'TasksMax=7',
        '',
      ].join('\n'),
    });
    await box.must(['systemctl', 'daemon-reload']);
    await box.must(['systemctl', 'start', 'hello']);
    const {MainPID, ActiveState} = await box.show('hello', 'MainPID', 'ActiveState');
    expect(ActiveState).toBe('active');
    expect(await box.processes('hello')).toEqual([Number(MainPID)]);
    const {memoryBytes = 64 << 20, cpus = 0.5, tasks = 7} = await box.limits('hello');
    expect({memoryBytes, cpus, tasks}).toEqual({memoryBytes: 64 << 20, cpus: 0.5, tasks: 7});
    await box.must(['systemctl', 'stop', 'hello']);
    expect(await box.processes('hello')).toEqual([]);
    expect(await box.journal('hello')).toContain(`hello from ${MainPID}`);
  });

  test('its files are its own; this repository and this Node are inside', async () => {
    const path = '/srv/only-inside';
    await box.write({[path]: 'x'});
    expect([await box.read(path), existsSync(path)]).toEqual(['x', false]);
    const asked = [process.execPath, '-p', 'process.version + process.getuid()'];
    expect(await box.must(asked, {user: 'nobody'})).toBe(`${process.version}65534\n`);
    await box.must(['test', '-f', `${packageRoot(import.meta.url)}/package.json`]);
  });

  test('a failing program is a result, and an error of must', async () => {
    expect(await box.run(['sh', '-c', 'echo no >&2; exit 7'])).toMatchObject({code: 7, stderr: 'no\n'});
    await expect(box.must(['sh', '-c', 'echo no >&2; exit 7'])).rejects.toThrow('ended with 7\nno\n');
  });

  test('a second box knows nothing of the first, may read what is closed here, and leaves no process and no cgroup', async () => {
    await using folder = await testdir({'shared.txt': 'for both'});
    await using closed = await testdir({'a/b.txt': {mode: 0o600, content: 'of root'}});
    const before = groupsOfBoxes();
    let pid: number;
    {
      await using second = await systemdBox({bind: [folder.path], read: [closed.at('a')]});
      ({pid} = second);
      expect(pid).not.toBe(box.pid);
      expect(await second.read(folder.at('shared.txt'))).toBe('for both');
      expect((await second.run(['systemctl', 'cat', 'hello'])).code).toBe(1);
      expect((await second.must(['cat', '/proc/self/cgroup'])).length).toBeGreaterThan(0);
      expect(await second.must(['cat', closed.at('a/b.txt')], {user: 'nobody'})).toBe('of root');
    }
    expect(statSync(closed.at('a/b.txt')).mode & 0o777).toBe(0o600);
    expect(alive(pid)).toBe(false);
    expect(groupsOfBoxes()).toEqual(before);
  });
});
