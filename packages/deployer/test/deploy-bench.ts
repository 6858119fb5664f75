import {
  deploy,
  reconfigure,
  resume,
  rollback,
  type AppDeployOptions,
  type ConfigChange,
  type DeployEvent,
  type Deployment,
  type DeployOptions,
  type DeployTarget,
  type RollbackOptions,
} from '@keelson/deployer';
import {openReleases, readReleases} from '@keelson/releases';
import {testdir} from '@keelson/test-kit';
import {appArchive, type AppParts} from './app-archive.ts';
import {fakeRuntime, type FakeGeneration} from './fake-runtime.ts';

/** A deploy root, a runtime without processes, and what happens to them. */
export async function bench(target: Partial<DeployTarget<FakeGeneration>> = {}) {
  const dir = await testdir();
  const fake = fakeRuntime();
  const root = dir.at('shop');
  const to = {root, runtime: fake.runtime, ...target};
  const events: DeployEvent[] = [];
  const defaults = {
    allowRoot: true,
    bakeMs: 0,
    limits: {memory: '1G', cpus: 2},
    onEvent: (event: DeployEvent) => void events.push(event),
  };
  const look = () => readReleases(root);
  return {
    ...fake,
    dir,
    root,
    to,
    events,
    types: () => events.map(({type}) => type).filter((type) => type.startsWith('deploy:')),
    deploy: async (
      version: string,
      parts: AppParts = {},
      options: AppDeployOptions = {},
    ): Promise<Deployment> =>
      deploy(await appArchive(dir.path, version, parts), to, {...defaults, ...options}),
    rollback: (options: RollbackOptions = {}) => rollback(to, {...defaults, ...options}),
    reconfigure: (change: ConfigChange, options: DeployOptions = {}) =>
      reconfigure(change, to, {...defaults, ...options}),
    resume: (options: DeployOptions = {}) => resume(to, {...defaults, ...options}),
    configure: async (text: string) => {
      await using releases = await openReleases(root);
      await releases.config.add(text);
    },
    look,
    current: async () => (await look()).current?.number,
    journal: async () => (await look()).journal.filter(({what}) => what !== 'config'),
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}
