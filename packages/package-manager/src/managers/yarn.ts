import type {Manager} from './manager.ts';

const INSTALL = ['install', '--frozen-lockfile', '--ignore-scripts', '--non-interactive', '--prefer-offline'];

/** Yarn 1. */
export const yarn: Manager = {
  install: (production) => [[...INSTALL, `--production=${production}`]],
  // It has no prune: an installation without devDependencies removes them.
  prune: [...INSTALL, '--production=true'],
  run: (script) => ['run', '--non-interactive', script],
  rebuild: undefined,
  lock: 'yarn install',
  outdated: /lockfile needs to be updated/,
};
