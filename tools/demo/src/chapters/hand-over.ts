import {changeLook, changeVersion} from '../edit-guestbook.ts';
import type {Facts} from '../demo.ts';
import {expectThat} from '../fault.ts';
import {underLoad} from '../load.ts';
import {readPage} from '../page.ts';
import type {Stage} from '../stage.ts';
import {buildVersion} from './build-first.ts';
import {publishVersion} from './publish-first.ts';

const CONNECTIONS = 20;

/** The new version takes over while visitors keep asking over connections that stay open. */
export async function handOver(stage: Stage): Promise<Facts> {
  await changeVersion(stage.app, '2.0.0');
  await changeLook(stage.app);
  await buildVersion(stage, '2.0.0');
  const visitors = {url: stage.appUrl, connections: CONNECTIONS};
  const {load} = await underLoad(visitors, () => publishVersion(stage, '2.0.0'));
  const {sent, failed, reasons, versions} = load;
  const page = await readPage(stage.appUrl);
  expectThat(page.version === '2.0.0', `the page still names version ${page.version}`);
  stage.found(`“${page.title}”, version ${page.version}, took over`);
  expectThat(failed === 0, `${failed} of ${sent} requests failed: ${JSON.stringify(reasons)}`);
  const answers = Object.entries(versions).map(([version, count]) => `${count} by ${version}`);
  stage.found(`${sent} requests sent, ${failed} failed (${answers.join(', ')})`);
  return {sent, failed, versions};
}
