import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import {expect, test} from '@jest/globals';
import {openArchive} from '@keelson/archive';
import {bin, runBin, testdir} from '@keelson/test-kit';
import {fakeRegistry, type FakePackage} from './fake-registry.ts';

const program = bin('archive-builder');
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
const OLD: FakePackage = {published: daysAgo(400)};

/** Builds an app that depends on these packages, of a registry on this machine. */
async function build(packages: Readonly<Record<string, FakePackage>>, args: readonly string[], keys = true) {
  await using registry = await fakeRegistry(packages, {keys});
  const dependencies = Object.fromEntries(Object.keys(packages).map((name) => [name, '1.0.0']));
  await using dir = await testdir({
    'app/package.json': JSON.stringify({name: 'app', version: '1.0.0', dependencies}),
    'app/.npmrc': `registry=${registry.url}/\ncache=${'${NPM_CACHE}'}\n`,
  });
  const env = {NPM_CACHE: dir.at('npm'), XDG_CACHE_HOME: dir.at('cache')};
  await promisify(execFile)('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund'], {
    cwd: dir.at('app'),
    env: {...process.env, ...env},
  });
  const {code, stderr} = await runBin(program, ['app', '-o', 'a.tgz', ...args], {cwd: dir.path, env});
  const left = (await dir.list()).includes('a.tgz');
  const recorded = left ? (await openArchive(dir.at('a.tgz'))).manifest.dependencies : undefined;
  return {code, stderr, left, recorded};
}

type Row = readonly [
  title: string,
  packages: Readonly<Record<string, FakePackage>>,
  args: readonly string[],
  code: number,
  told: RegExp,
  found?: object,
];

const SIGNATURES = ['--verify-signatures'];
const AGE = ['--min-release-age', '7'];
const wrong = {...OLD, signature: Buffer.from('0'.repeat(64)).toString('base64')};

test.each<Row>([
  [
    'right signatures',
    {a: OLD, '@x/b': OLD},
    SIGNATURES,
    0,
    /^verified the signatures of 2 packages$/m,
    {signatures: {verified: 2}},
  ],
  [
    'a wrong signature',
    {a: OLD, b: wrong},
    SIGNATURES,
    1,
    /not what the registry has signed:\n {2}b@1\.0\.0: its signature is wrong$/m,
  ],
  [
    'a missing one',
    {a: OLD, b: {...OLD, signature: ''}},
    SIGNATURES,
    1,
    /^ {2}b@1\.0\.0: it is not signed$/m,
  ],
  [
    'old releases',
    {a: OLD, '@x/b': OLD},
    AGE,
    0,
    /^2 packages have been out for at least 7 days$/m,
    {minReleaseAge: {days: 7, packages: 2}},
  ],
  [
    'new ones',
    {a: OLD, '@x/b': {published: daysAgo(2)}, c: {published: daysAgo(6)}},
    AGE,
    1,
    /published less than 7 days ago:\n {2}@x\/b 1\.0\.0, published [\d-]{10}\n {2}c 1\.0\.0, published/,
  ],
])('of a registry with %s', async (...[, packages, args, code, told, found]) => {
  const installScripts = {ran: [], heldBack: []};
  const recorded = code === 0 ? {installScripts, ...found} : undefined;
  const built = await build(packages, args);
  expect(built).toEqual({code, stderr: expect.stringMatching(told), left: code === 0, recorded});
});

const INSTALLED = {'node_modules/a/package.json': '{"name": "a", "version": "1.0.0"}'};
test.each([
  ['nothing is installed', {}, 0, /^nothing is installed: there was no signature to verify$/m],
  [
    'no lockfile says what it should be',
    INSTALLED,
    1,
    /^error: signatures cannot be verified without a lockfile/m,
  ],
])('--no-install where %s', async (_title, files, code, told) => {
  await using dir = await testdir({'package.json': '{"name": "app", "version": "1.0.0"}', ...files});
  const args = ['--no-install', '--verify-signatures', '--no-cache', '-o', 'a.tgz'];
  expect(await runBin(program, args, {cwd: dir.path})).toMatchObject({
    code,
    stderr: expect.stringMatching(told),
  });
});

test('a registry without keys has nothing to verify, and the build says so', async () => {
  const {code, stderr, recorded} = await build({a: OLD}, SIGNATURES, false);
  expect({code, stderr}).toEqual({code: 0, stderr: expect.stringMatching(/no signature was verified$/m)});
  expect(recorded?.signatures).toEqual({verified: 0});
});
