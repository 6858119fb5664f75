import type {Manager} from './manager.ts';

const INSTALL = ['install', '--immutable', '--mode=skip-build'];
const FOCUS = ['workspaces', 'focus', '--all', '--production'];

/** Yarn 2 and later. */
export const yarnBerry: Manager = {
  // Only `focus` leaves devDependencies out, and it does not compare package.json with the lockfile.
  install: (production) => (production ? [INSTALL, FOCUS] : [INSTALL]),
  prune: FOCUS,
  run: (script) => ['run', script],
  rebuild: undefined,
  lock: 'yarn install',
  outdated: /YN0028/,
  environment: {
    YARN_ENABLE_SCRIPTS: 'false',
    YARN_ENABLE_TELEMETRY: 'false',
    YARN_ENABLE_PROGRESS_BARS: 'false',
  },
};

/** With Plug'n'Play: the zipped packages have to be in the app's own folder, not in the user's. https://yarnpkg.com/features/pnp */
export const yarnPnp: Manager = {
  ...yarnBerry,
  environment: {
    ...yarnBerry.environment,
    YARN_ENABLE_GLOBAL_CACHE: 'false',
    YARN_CACHE_FOLDER: './.yarn/cache',
  },
};
