import {readdir} from 'node:fs/promises';
import {delimiter, join} from 'node:path';

import {describe, expect, test} from '@jest/globals';
import {packageRoot, runBin, testdir, type TestDirectory} from '@keelson/test-kit';

const program = join(packageRoot(import.meta.url), 'test/fixtures/install-killed.mjs');

/** Knows what is enabled and running, as systemd would; fails when FAIL_ON is among what it is told. */
const manager = (root: string) => `#!/bin/sh
echo "$*" >>${root}/log
case " $* " in *" $FAIL_ON "*) echo "no" >&2; exit 1 ;; esac
cd ${root}/state
case $1 in
  enable) touch enabled; for unit in ${root}/units/*.service; do touch "running-\${unit##*/}"; done ;;
  disable) rm -f enabled ;;
  stop) shift; for unit; do rm -f "running-$unit"; done ;;
esac
`;

export async function machine(): Promise<TestDirectory> {
  const directory = await testdir({'units/': '', 'state/': '', 'tmp/': '', log: ''});
  await directory.write({'bin/systemctl': {mode: 0o755, content: manager(directory.path)}});
  return directory;
}

/** Installs with so many instances, one after another; 0 takes the app away. */
export function install(
  directory: TestDirectory,
  instances: readonly number[],
  {killedAt = 0, failOn = 'nothing'} = {},
) {
  const env = {
    PATH: [directory.at('bin'), process.env['PATH'] ?? ''].join(delimiter),
    FAIL_ON: failOn,
    TMPDIR: directory.at('tmp'),
  };
  return runBin(program, [directory.at('units'), instances.join(','), String(killedAt)], {env});
}

export async function mustInstall(directory: TestDirectory, instances: readonly number[]): Promise<string> {
  const {stdout, stderr} = await install(directory, instances);
  expect(stderr).toBe('');
  return stdout;
}

/** Every file with its content, and what the manager knows. */
export async function stateOf(directory: TestDirectory): Promise<Record<string, string>> {
  const units = await directory.list('units');
  const contents = await Promise.all(units.map((path) => directory.read(`units/${path}`)));
  const shown = contents.map((content) => content.replaceAll(directory.path, ''));
  return {
    manager: (await readdir(directory.at('state'))).sort().join(' '),
    folders: (await readdir(directory.at('units'))).sort().join(' '),
    ...Object.fromEntries(units.map((path, index) => [path, shown[index]!])),
  };
}

/** Kills an install at a step, at the one after so many more, and so on to the last. */
export function describeKilledInstalls(stride: number): void {
  describe('an install that is killed at any step', () => {
    test.each([
      ['of fewer instances', [2, 1]],
      ['that takes the app away', [1, 0]],
    ])(
      '%s is ended by doing it again',
      async (_, instances) => {
        await using other = await machine();
        await mustInstall(other, instances);
        const wanted = await stateOf(other);
        const last = instances.at(-1)!;
        for (let step = 1, steps = 1; step <= steps; step += stride) {
          await using directory = await machine();
          const {signal, stdout} = await install(directory, instances, {killedAt: step});
          steps = signal === 'SIGKILL' ? step + stride : Number(stdout);
          // And a second time there is nothing left to do.
          expect(await mustInstall(directory, [last, last])).toBe('0\n');
          expect([step, await stateOf(directory)]).toEqual([step, wanted]);
        }
      },
      120_000,
    );
  });
}
