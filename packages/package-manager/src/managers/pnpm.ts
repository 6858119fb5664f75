import type {Manager} from './manager.ts';

// Without it the shims in .bin hold the absolute path of the folder where they were made.
const RELOCATABLE = '--config.extend-node-path=false';

export const pnpm: Manager = {
  install: (production) => [
    [
      'install',
      '--frozen-lockfile',
      '--ignore-scripts',
      '--prefer-offline',
      RELOCATABLE,
      production ? '--prod' : '--prod=false',
    ],
  ],
  // https://pnpm.io/cli/install#--cpuname
  platform: ({platform, arch, libc}) => [
    `--os=${platform}`,
    `--cpu=${arch}`,
    ...(libc === undefined ? [] : [`--libc=${libc}`]),
  ],
  prune: ['prune', '--prod', '--ignore-scripts', RELOCATABLE],
  run: (script) => ['run', script],
  rebuild: undefined,
  lock: 'pnpm install',
  outdated: /ERR_PNPM_OUTDATED_LOCKFILE/,
  // It is the version that package.json names already; pnpm 12 would refuse a frozen lockfile that does not list pnpm itself.
  environment: {pnpm_config_pm_on_fail: 'ignore'},
};
