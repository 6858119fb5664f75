import {breakHealth, changeVersion} from '../edit-guestbook.ts';
import type {Facts} from '../demo.ts';
import {expectThat} from '../fault.ts';
import {underLoad} from '../load.ts';
import {readPage} from '../page.ts';
import type {Stage} from '../stage.ts';
import {buildVersion} from './build-first.ts';
import {publishVersion} from './publish-first.ts';

/** A version that is not healthy is refused in the pusher's terminal and never gets a request. */
export async function refuseBroken(stage: Stage): Promise<Facts> {
  await changeVersion(stage.app, '3.0.0');
  await breakHealth(stage.app);
  await buildVersion(stage, '3.0.0');
  const visitors = {url: stage.appUrl, connections: 5};
  const {value: said, load} = await underLoad(visitors, () => publishVersion(stage, '3.0.0', true));
  const {sent, failed, versions} = load;
  const page = await readPage(stage.appUrl);
  expectThat(page.version === '2.0.0', `the page names version ${page.version}, not 2.0.0`);
  expectThat(
    failed === 0 && versions['3.0.0'] === undefined,
    `visitors met the broken version: ${JSON.stringify(versions)}`,
  );
  expectThat(said.includes('refused') || said.includes('declined'), 'the pusher was not told of the refusal');
  stage.found(`refused; version ${page.version} still serves (${sent} requests meanwhile, ${failed} failed)`);
  return {refused: true, serving: page.version, sent, failed};
}
