import {join} from 'node:path';
import type {Archive} from '@keelson/archive';
import {temporaryDirectory} from '@keelson/atomic-fs';
import {deploy} from '@keelson/deployer';
import type {Accept, Received, Reply, Verdict} from '@keelson/receiver';
import {isFault} from '@keelson/step';
import {deployLine, formationLines} from './deploy-line.ts';
import type {HostedApps} from './hosted-apps.ts';
import type {ServeOptions} from './serve.ts';

/** What happens to what is received: sources are built, an archive is deployed, each step is told to the pusher, and a refusal says why. */
export function acceptInto(apps: HostedApps, options: ServeOptions): Accept {
  return async (received, reply) => {
    const {app, archive} = received;
    options.onEvent?.({type: 'serve:received', app, digest: archive?.digest});
    try {
      if (archive !== undefined) return await deployInto(apps, {received, archive}, {reply, options});
      const {root} = await apps.open(app);
      await using folder = await temporaryDirectory({prefix: 'built-', parent: join(root, '.keelson')});
      const {buildPushed} = await import('./build-pushed.ts');
      const {path} = received.package;
      const {workspace} = received;
      const out = join(folder.path, 'app.tar');
      const built = await buildPushed(
        {path, workspace, out, cache: join(root, '.keelson/build-cache')},
        {signal: reply.signal, onLine: reply.line},
      );
      return await deployInto(apps, {received, archive: built}, {reply, options});
    } catch (error) {
      if (!isFault(error)) throw error;
      const because = error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
      return {accepted: false, because, temporary: error.temporary};
    }
  };
}

async function deployInto(
  apps: HostedApps,
  {received: {app, by}, archive}: {readonly received: Received; readonly archive: Archive},
  {reply, options: {onEvent, deploys}}: {readonly reply: Reply; readonly options: ServeOptions},
): Promise<Verdict> {
  const deployment = await deploy(archive, await apps.open(app), {
    ...deploys,
    by,
    signal: reply.signal,
    onEvent: (event) => {
      const line = deployLine(event);
      if (line !== undefined) reply.line(line);
    },
  });
  onEvent?.({type: 'serve:answered', app, deployment});
  if (deployment.result === 'deployed') {
    for (const line of formationLines(deployment)) reply.line(line);
    return {accepted: true};
  }
  for (const line of deployment.output ?? []) reply.line(`  | ${line}`);
  return {accepted: false, because: deployment.because ?? 'the release was refused'};
}
