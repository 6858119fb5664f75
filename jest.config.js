const base = {
  rootDir: import.meta.dirname,
  roots: ['<rootDir>/packages', '<rootDir>/tools'],
  transform: {},
  testEnvironment: 'node',
  restoreMocks: true,
};

// *.test.ts: one package by itself. *.itest.ts: real components together (git, npm, systemd-analyze, sockets).
// *.soak.ts: long campaigns, for `npm run test:soak` alone.
export default {
  projects: [
    {...base, displayName: 'unit', testMatch: ['**/dist-test/**/*.test.js']},
    {...base, displayName: 'integration', testMatch: ['**/dist-test/**/*.itest.js']},
    {...base, displayName: 'soak', testMatch: ['**/dist-test/**/*.soak.js']},
  ],
  // For what hangs, not for what is slow: a machine with other work may take several times as long as an idle one.
  testTimeout: 180_000,
  testSequencer: '<rootDir>/scripts/longest-first.js',
  reporters: ['default', '<rootDir>/scripts/count-reporter.js'],
  coverageProvider: 'v8',
  collectCoverageFrom: ['packages/*/dist/**/*.js', 'tools/*/dist/**/*.js', '!**/dist/bundle.js'],
};
