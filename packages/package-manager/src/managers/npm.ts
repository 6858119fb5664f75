import type {Manager} from './manager.ts';

const QUIET = ['--no-audit', '--no-fund', '--no-update-notifier', '--no-progress'];

export const npm: Manager = {
  // `--include=dev` wins over `omit` and `production` of any .npmrc.
  install: (production) => [
    ['ci', '--ignore-scripts', ...QUIET, '--prefer-offline', production ? '--omit=dev' : '--include=dev'],
  ],
  platform: ({platform, arch, libc}) => [
    `--os=${platform}`,
    `--cpu=${arch}`,
    ...(libc === undefined ? [] : [`--libc=${libc}`]),
  ],
  // `--no-save`: an older lockfile stays as it is.
  prune: ['prune', '--omit=dev', '--ignore-scripts', ...QUIET, '--prefer-offline', '--no-save'],
  run: (script) => ['run', script, '--no-update-notifier'],
  // From npm 12 on a rebuild runs no script, and says that it did, unless it is told to run those of all packages it works on;
  // here these are the named ones. Older versions do not know the flag.
  rebuild: (packages, majorVersion) => [
    'rebuild',
    '--ignore-scripts=false',
    '--foreground-scripts',
    ...(majorVersion >= 12 ? ['--dangerously-allow-all-scripts'] : []),
    ...QUIET,
    '--',
    ...packages,
  ],
  lock: 'npm install',
  outdated: /can only install (packages )?(when|with) /,
};
