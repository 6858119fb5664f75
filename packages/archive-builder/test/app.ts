import {execFileSync} from 'node:child_process';
import {testdir, type TestDirectory, type Tree} from '@keelson/test-kit';

const BUILD = `
import {execFileSync} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
mkdirSync('dist', {recursive: true});
writeFileSync('dist/app.js', execFileSync('dev', {encoding: 'utf8'}) + process.env.NODE_ENV);
writeFileSync('dist/pipe.sh', '#!/bin/sh', {mode: 0o755});
`;

/** A folder with an app in `app` whose dependencies come from beside it: a real `npm ci` that needs no registry. */
export async function appDirectory(more: Tree = {}, fields: object = {}): Promise<TestDirectory> {
  const dir = await testdir({
    'dep/package.json': JSON.stringify({
      name: 'dep',
      version: '1.0.0',
      scripts: {install: 'node -e "process.exit(3)"'},
    }),
    'dep/index.js': 'module.exports = 1;',
    'dev/package.json': JSON.stringify({name: 'dev', version: '2.0.0', bin: 'cli.js'}),
    'dev/cli.js': '#!/usr/bin/env node\nconsole.log("dev was here");',
  });
  for (const name of ['dep', 'dev'])
    execFileSync('npm', ['pack', '--silent', '--pack-destination', dir.at('app/vendor')], {
      cwd: (await dir.write({'app/vendor/': ''}), dir.at(name)),
    });
  await dir.write({
    'app/package.json': JSON.stringify({
      name: '@demo/app',
      version: '1.2.3',
      type: 'module',
      scripts: {build: 'node build.js', start: 'node dist/app.js'},
      dependencies: {dep: 'file:vendor/dep-1.0.0.tgz'},
      devDependencies: {dev: 'file:vendor/dev-2.0.0.tgz'},
      engines: {node: '>=20'},
      keelson: {required: ['DATABASE_URL']},
      ...fields,
    }),
    'app/build.js': BUILD,
    'app/Procfile': 'web: node dist/app.js\nworker: node dist/worker.js\n',
    'app/.env': 'SECRET=hunter2\n',
    'app/.env.example': 'SECRET=\n',
    ...more,
  });
  execFileSync(
    'npm',
    ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'],
    {
      cwd: dir.at('app'),
    },
  );
  return dir;
}
