import {statSync} from 'node:fs';

// What took 10 seconds and more, the longest first. A clean clone has no durations of its own.
export const LONGEST = [
  'tools/demo/demo',
  'tools/deploy/serve',
  'tools/deploy/systemd',
  'tools/repo/readme',
  'packages/exporter/real-supervisors',
  'tools/export/box-systemd',
  'packages/deployer/killed-deploy',
  'packages/archive-builder/build-archive',
  'tools/foreman/lines',
  'packages/supervisor/faults',
  'packages/package-manager/pnpm-yarn',
  'packages/supervisor/hand-over',
  'packages/archive-builder/workspace',
  'packages/deployer/deploy',
  'tools/deploy/config-server',
  'packages/log-tagger/loggers',
  'packages/graceful/preload',
  'packages/package-manager/dependency-cache',
  'packages/supervisor/control',
  'tools/deploy/origin',
  'packages/archive-builder/command',
  'packages/receiver/push',
  'packages/spawn/orphans',
  'tools/foreman/control',
  'packages/supervisor/plugins',
  'packages/archive-builder/supply-chain',
  'packages/graceful/drain',
  'packages/publisher/ssh',
  'packages/supervisor/restarts',
];

/** Small for what starts early: what is known to be long, then real components together, then the rest, the larger file first. */
function rank(path) {
  const known = LONGEST.findIndex((name) =>
    path.includes(`/${name.replace(/\/(?=[^/]+$)/, '/dist-test/')}.`),
  );
  if (known !== -1) return known;
  return LONGEST.length + (path.endsWith('.test.js') ? 1 : 0);
}

/** Jest's test sequencer, so that no worker ends alone with a long file. */
export default class LongestFirst {
  sort(tests) {
    return tests
      .map((test) => ({test, rank: rank(test.path), size: statSync(test.path).size}))
      .toSorted((a, b) => a.rank - b.rank || b.size - a.size)
      .map(({test}) => test);
  }

  cacheResults() {}
}
