import {join} from 'node:path';
import type {Facts} from '../demo.ts';
import {expectThat} from '../fault.ts';
import type {Stage} from '../stage.ts';

interface Exported {
  readonly changes: readonly {readonly path: string}[];
  readonly checks: readonly {readonly name: string; readonly result: string; readonly because?: string}[];
}

/** The same release as unit files for the machine's own process manager, checked before anyone installs them. */
export async function exportUnits(stage: Stage): Promise<Facts> {
  const release = join(stage.root, 'guestbook', 'current');
  const to = ['--out', join(stage.folder, 'units'), '--app', 'guestbook', '--user', 'www-data'];
  const {stdout} = await stage.keelson(['export', 'systemd', release, ...to, '--json'], {silent: true});
  const {changes, checks} = JSON.parse(stdout) as Exported;
  const files = changes.map(({path}) => path);
  expectThat(
    files.length > 0 && checks.every(({result}) => result !== 'failed'),
    'the units were not verified',
  );
  stage.found(files.join(', '));
  for (const {name, result, because} of checks)
    stage.found(`${name}: ${result}${because ? ` (${because})` : ''}`);
  return {files, checks};
}
