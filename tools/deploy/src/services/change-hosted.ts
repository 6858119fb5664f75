import {resume, type DeployOptions} from '@keelson/deployer';
import {readReleases} from '@keelson/releases';
import type {HostedApp} from '../hosted-app.ts';
import {DeployServerFault} from '../fault.ts';
import {resultOf, type ServicesChanged} from './change-services.ts';

/** `stopServices`, in the server. Fault SERVE_BAD_VALUE: nothing runs. */
export async function stopHosted(app: HostedApp): Promise<ServicesChanged> {
  const {runtime, name} = app;
  const running = runtime.running();
  if (running === undefined)
    throw new DeployServerFault('SERVE_BAD_VALUE', `nothing of ${name} runs`, {
      hint: 'keelson deploy services reload starts what is current.',
    });
  await runtime.drain(running);
  return {kind: 'services-changed', app: name, release: Number(running.name), result: 'stopped'};
}

/** `reloadServices`, in the server. */
export async function reloadHosted(
  app: HostedApp,
  target: string | undefined,
  options: DeployOptions,
): Promise<ServicesChanged> {
  const running = app.runtime.running();
  const {current} = await readReleases(app.root);
  const about = {kind: 'services-changed', app: app.name, release: current?.number ?? 0} as const;
  if (running !== undefined) return {...about, ...resultOf(await running.restart(target))};
  const {result, because, output} = (await resume(app, options)) ?? {result: 'deployed'};
  return result === 'deployed'
    ? {...about, result: 'started'}
    : {...about, result: 'not-ready', because, output};
}
