import type {Facts} from '../demo.ts';
import {DemoFault, expectThat} from '../fault.ts';
import {readPage} from '../page.ts';
import type {Stage} from '../stage.ts';

/** A git push brings the archive; the reply in the pusher's terminal ends with the app serving. */
export async function publishFirst(stage: Stage): Promise<Facts> {
  await publishVersion(stage, '1.0.0');
  stage.appUrl = await addressOf(stage);
  const page = await readPage(stage.appUrl);
  expectThat(
    page.status === 200 && page.version === '1.0.0',
    `the page answered ${page.status} ${page.version}`,
  );
  stage.found(`${stage.appUrl} answers: “${page.title}”, version ${page.version}`);
  return {url: stage.appUrl, version: page.version};
}

/** Publishes an archive that was built before. Accepts a refusal when it is expected. */
export async function publishVersion(stage: Stage, version: string, refused = false): Promise<string> {
  const destination = `${stage.server!.url}/guestbook.git`;
  const args = [
    'publish',
    stage.archive(version),
    destination,
    '--token-file',
    `${stage.root}/.keelson/token`,
  ];
  const {code, stdout, stderr} = await stage.keelson(args, {accept: refused ? [0, 1] : [0]});
  expectThat(code === (refused ? 1 : 0), `publishing ended with ${code}`);
  return stdout + stderr;
}

/** Where the app's web process answers, as the server tells. */
async function addressOf(stage: Stage): Promise<string> {
  const {apps} = await stage.server!.status();
  const instances = apps
    .flatMap((app) => app.supervisor.generations)
    .flatMap((generation) => generation.instances);
  const web = instances.find((one) => one.type === 'web');
  if (web === undefined) throw new DemoFault('DEMO_UNEXPECTED', 'the server runs no web process');
  return `http://127.0.0.1:${web.port}/`;
}
