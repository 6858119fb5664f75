import {execFileSync} from 'node:child_process';
import {cpSync} from 'node:fs';
import {testdir, type TestDirectory, type Tree} from '@keelson/test-kit';

const BUILD = `
import {execFileSync} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
mkdirSync('dist', {recursive: true});
writeFileSync('dist/app.js', execFileSync('dev', {encoding: 'utf8'}) + process.env.NODE_ENV);
writeFileSync('dist/pipe.sh', '#!/bin/sh', {mode: 0o755});
`;

const FIELDS = {
  name: '@demo/app',
  version: '1.2.3',
  type: 'module',
  scripts: {build: 'node build.js', start: 'node dist/app.js'},
  dependencies: {dep: 'file:vendor/dep-1.0.0.tgz'},
  devDependencies: {dev: 'file:vendor/dev-2.0.0.tgz'},
  engines: {node: '>=20'},
  keelson: {required: ['DATABASE_URL']},
};

let template: Promise<TestDirectory> | undefined;

/** npm packs the dependencies and writes the lockfile once for a test file. */
async function makeTemplate(): Promise<TestDirectory> {
  const failing = {install: 'node -e "process.exit(3)"'};
  const dir = await testdir({
    'dep/package.json': JSON.stringify({name: 'dep', version: '1.0.0', scripts: failing}),
    'dep/index.js': 'module.exports = 1;',
    'dev/package.json': JSON.stringify({name: 'dev', version: '2.0.0', bin: 'cli.js'}),
    'dev/cli.js': '#!/usr/bin/env node\nconsole.log("dev was here");',
    'app/vendor/': '',
    'app/package.json': JSON.stringify(FIELDS),
    'app/build.js': BUILD,
    'app/Procfile': 'web: node dist/app.js\nworker: node dist/worker.js\n',
    'app/.env': 'SECRET=hunter2\n',
    'app/.env.example': 'SECRET=\n',
  });
  const npm = (cwd: string, ...args: string[]) =>
    execFileSync('npm', args, {cwd: dir.at(cwd), stdio: 'pipe'});
  npm('.', 'pack', '--pack-destination', dir.at('app/vendor'), './dep', './dev');
  npm('app', 'install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund');
  return dir;
}

/** A folder with an app in `app` whose dependencies lie in it: a real `npm ci` that needs no registry. */
export async function appDirectory(more: Tree = {}, fields: object = {}): Promise<TestDirectory> {
  template ??= makeTemplate();
  const dir = await testdir();
  cpSync((await template).at('app'), dir.at('app'), {recursive: true});
  await dir.write({'app/package.json': JSON.stringify({...FIELDS, ...fields}), ...more});
  return dir;
}

export async function removeTemplate(): Promise<void> {
  await (await template)?.[Symbol.asyncDispose]();
}
