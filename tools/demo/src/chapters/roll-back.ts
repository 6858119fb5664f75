import type {Facts} from '../demo.ts';
import {expectThat} from '../fault.ts';
import {underLoad} from '../load.ts';
import {readPage} from '../page.ts';
import type {Stage} from '../stage.ts';

/** The first release was kept: going back to it needs no build and loses nothing either. */
export async function rollBack(stage: Stage): Promise<Facts> {
  const back = ['deploy', 'rollback', 'guestbook', '--root', stage.root, '--to', '1'];
  const {load} = await underLoad({url: stage.appUrl, connections: 5}, () => stage.keelson(back));
  const {sent, failed} = load;
  await stage.keelson(['deploy', 'releases', 'guestbook', '--root', stage.root]);
  const page = await readPage(stage.appUrl);
  expectThat(page.version === '1.0.0', `the page names version ${page.version}, not 1.0.0`);
  expectThat(failed === 0, `${failed} of ${sent} requests failed`);
  stage.found(`version ${page.version} serves again (${sent} requests meanwhile, ${failed} failed)`);
  return {serving: page.version, sent, failed};
}
