import {deploy} from '@keelson/deployer';
import type {Accept} from '@keelson/receiver';
import {isFault} from '@keelson/step';
import {deployLine, formationLines} from './deploy-line.ts';
import type {HostedApps} from './hosted-apps.ts';
import type {ServeOptions} from './serve.ts';

/** What happens to a received archive: it is deployed, each step is told to the pusher, and a refusal says why. */
export function acceptInto(apps: HostedApps, {onEvent, deploys}: ServeOptions): Accept {
  return async ({app: name, archive}, reply) => {
    if (archive === undefined) return {accepted: false, because: 'Only built archives are deployed here.'};
    onEvent?.({type: 'serve:received', app: name, digest: archive.digest});
    try {
      const deployment = await deploy(archive, await apps.open(name), {
        ...deploys,
        signal: reply.signal,
        onEvent: (event) => {
          const line = deployLine(event);
          if (line !== undefined) reply.line(line);
        },
      });
      onEvent?.({type: 'serve:answered', app: name, deployment});
      if (deployment.result === 'deployed') {
        for (const line of formationLines(deployment)) reply.line(line);
        return {accepted: true};
      }
      for (const line of deployment.output ?? []) reply.line(`  | ${line}`);
      return {accepted: false, because: deployment.because ?? 'the release was refused'};
    } catch (error) {
      if (!isFault(error)) throw error;
      return {
        accepted: false,
        because: error.hint === undefined ? error.message : `${error.message} (${error.hint})`,
      };
    }
  };
}
