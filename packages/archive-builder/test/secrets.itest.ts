import {describe, expect, test} from '@jest/globals';
import {openArchive, readEntries, whyExcluded, type Archive} from '@keelson/archive';
import {buildArchive, type BuildOptions} from '@keelson/archive-builder';
import {openSource, parseSource} from '@keelson/source';
import {bin, faultOf, git, runBin, testdir, type TestDirectory, type Tree} from '@keelson/test-kit';
import {findSecrets} from '../dist/find-secrets.js';

const program = bin('archive-builder');
// Made up, and put together here so that nobody's scanner takes this file for a leak.
const pem = (what: string, newline = '\n') =>
  [
    `-----BEGIN ${what}PRIVATE KEY-----`,
    'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC',
    `-----END ${what}PRIVATE KEY-----`,
  ].join(newline);
const token = (prefix: string, length: number) => prefix + 'aB3'.repeat(length).slice(0, length);

const app = (files: Tree) => testdir({'package.json': '{"name": "app", "version": "1.0.0"}', ...files});
const build = (cwd: string, ...args: string[]) =>
  runBin(program, ['-o', 'a.tgz', '--no-cache', ...args], {cwd});

const SECRETS: readonly (readonly [title: string, file: string, content: string, message: string])[] = [
  ['a key in PEM', 'certs/server.key', pem('RSA '), 'certs/server.key:1: a private key'],
  ['one of PKCS 8, lower in the file', 'all.pem', `first line\n${pem('')}`, 'all.pem:2: a private key'],
  ['one of OpenSSH', 'deploy', pem('OPENSSH '), 'deploy:1: a private key'],
  [
    'an encrypted one',
    'x.pem',
    '-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n',
    'x.pem:1: a private key',
  ],
  [
    'one of PGP',
    'k.asc',
    '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQPGBGF1abcdefgh01234\n',
    'k.asc:1: a private key',
  ],
  [
    'one in a JSON string',
    'google.json',
    JSON.stringify({private_key: pem('')}),
    'google.json:1: a private key',
  ],
  ['one with CRLF', 'w.pem', pem('RSA ', '\r\n'), 'w.pem:1: a private key'],
  ...['RSA ', '', 'EC ', 'OPENSSH ', 'ENCRYPTED '].map(
    (what) =>
      [
        `one of ${what}in base64`,
        'kube.yml',
        `users:\n- client-key-data: ${Buffer.from(pem(what)).toString('base64')}`,
        'kube.yml:2: a private key in base64',
      ] as const,
  ),
  ['an ssh key by its name', 'home/id_ed25519', '', 'home/id_ed25519: the name of an ssh key'],
  ['a key store', 'store.p12', '\0\x01', 'store.p12: a key store'],
  ['passwords of a program', '.netrc', 'machine x', '.netrc: a file of passwords'],
  ['a token of GitHub', 'ci.sh', `TOKEN=${token('ghp_', 36)}`, 'ci.sh:1: a token of GitHub'],
  ['a token of npm', 'ci.yml', `a\nb: ${token('npm_', 36)}\n`, 'ci.yml:2: a token of npm'],
  ['a key of AWS', 'aws.js', `const id = 'AKIA${'A2'.repeat(8)}';`, 'aws.js:1: an access key of AWS'],
  [
    'a token for a registry',
    '.npmrc',
    'registry=https://npm.example.com/\n//npm.example.com/:_authToken=whatever\n',
    '.npmrc: a token or password for a registry',
  ],
  ['a password', 'tools/.npmrc', '_password = "c2VjcmV0"', 'tools/.npmrc: a token or password'],
  ['one in a URL', '.npmrc', 'registry=https://me:pass@npm.example.com/', '.npmrc: a token or password'],
  ["yarn's token", '.yarnrc.yml', 'npmAuthToken: "whatever"', '.yarnrc.yml: a token or password'],
  ['a key of PuTTY', 'deploy.ppk', 'PuTTY-User-Key-File-2', 'deploy.ppk: a private key of PuTTY'],
  ['a live key of Stripe', 'pay.js', token('sk_live_', 24), 'pay.js:1: a live key of Stripe'],
];

const HARMLESS: readonly (readonly [title: string, files: Tree])[] = [
  [
    'a public key and a certificate',
    {'a.pem': '-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEF\n', 'id_rsa.pub': 'ssh-rsa AAAA'},
  ],
  [
    'a certificate in base64',
    {'ca.yml': Buffer.from(`-----BEGIN CERTIFICATE-----\n${'MIIB'.repeat(20)}`).toString('base64')},
  ],
  [
    'a program that looks for keys',
    {'scan.js': "if (text.includes('-----BEGIN RSA PRIVATE KEY-----')) found();"},
  ],
  [
    'what a dependency brings along',
    {'node_modules/dep/test/key.pem': pem('RSA '), 'node_modules/dep/package.json': '{}'},
  ],
  ['what stays out anyway', {'.env': pem('RSA '), '.env.local': token('ghp_', 36)}],
  [
    'a reference to a token',
    {
      '.npmrc': '; _authToken=x\n//npm.example.com/:_authToken=${NPM_TOKEN}\nregistry=https://${U}:${P}@x/',
      '.yarnrc.yml': 'npmAuthToken: "${NPM_TOKEN}"\nnodeLinker: node-modules\n',
    },
  ],
  ['a test key of Stripe', {'pay.js': token('sk_test_', 24)}],
];

async function inProcess(dir: TestDirectory, options: BuildOptions = {}): Promise<Archive> {
  await using checkout = await openSource(parseSource(dir.path), {installed: options.install === false});
  return await buildArchive(checkout, {out: dir.at('a.tgz'), ...options});
}

describe('a secret among the sources of the app', () => {
  test.each(SECRETS)('%s is found', async (_title, file, content, message) => {
    await using dir = await app({[file]: content});
    const found = findSecrets(dir.path, {excluded: whyExcluded, allowed: []});
    const lines = found.map(
      ({path, line, because}) => `${path}${line === undefined ? '' : `:${line}`}: ${because}`,
    );
    expect(lines).toEqual([expect.stringContaining(message)]);
    expect(lines.join()).not.toMatch(/MIIE|aB3aB3/);
    expect(findSecrets(dir.path, {excluded: whyExcluded, allowed: [file]})).toEqual([]);
  });

  test.each(HARMLESS)('%s is none', async (_title, files) => {
    await using dir = await app(files);
    expect(findSecrets(dir.path, {excluded: whyExcluded, allowed: []})).toEqual([]);
  });

  test.each([SECRETS[0]!, SECRETS.find(([, file]) => file === '.npmrc')!])(
    '%s stops the build, unless it is allowed',
    async (_title, file, content, message) => {
      await using dir = await app({[file]: content});
      const {code, message: said} = await faultOf(inProcess(dir));
      expect({code, said}).toEqual({code: 'BUILD_SECRET', said: expect.stringContaining(message)});
      expect(said).not.toMatch(/MIIE|whatever/);
      expect(await dir.list()).not.toContain('a.tgz');
      await inProcess(dir, {contents: {allowSecrets: [file]}});
      const entries = await readEntries(await openArchive(dir.at('a.tgz')));
      expect(entries.map(({path}) => path)).toContain(file);
    },
  );

  test('an .npmrc with a token that git ignores stays out, for it came along to install with', async () => {
    await using dir = await app({'.npmrc': '//x/:_authToken=whatever', '.gitignore': '.npmrc\n'});
    await git(dir.path, 'init', '-q');
    const paths = async () => (await readEntries(await openArchive(dir.at('a.tgz')))).map(({path}) => path);
    const {code, stderr} = await build(dir.path);
    expect({code, stderr}).toEqual({
      code: 0,
      stderr: expect.stringContaining('left out .npmrc: it holds credentials, and git ignores it'),
    });
    expect(await paths()).not.toContain('.npmrc');
    expect((await build(dir.path, '--allow-secret', './.npmrc')).code).toBe(0);
    expect(await paths()).toContain('.npmrc');
  });

  test('what --secret names must not go out, links too', async () => {
    await using dir = await app({
      'conf/prod.json': '{}',
      'conf/dev.json': '{}',
      'key.conf': {link: 'package.json'},
    });
    const {code, stderr} = await build(dir.path, '--secret', 'conf/*.json', '--secret', '*.conf');
    expect(code).toBe(1);
    expect(stderr.match(/^ {2}.*must not go out$/gm)).toEqual(
      ['conf/dev.json', 'conf/prod.json', 'key.conf'].map(
        (path) => `  ${path}: a pattern says that it must not go out`,
      ),
    );
    expect(
      (await build(dir.path, '--secret', 'conf/*.json', '--allow-secret', 'conf/dev.json,conf/prod.json'))
        .code,
    ).toBe(0);
  });

  test('so do the patterns of package.json', async () => {
    const keelson = {build: {secrets: ['conf/*.json']}};
    await using dir = await testdir({
      'package.json': JSON.stringify({name: 'app', version: '1.0.0', keelson}),
      'conf/dev.json': '{}',
    });
    const {code, stderr} = await build(dir.path);
    expect(code).toBe(1);
    expect(stderr).toContain('conf/dev.json: a pattern says that it must not go out');
  });

  test('all of them are named at once', async () => {
    await using dir = await app(Object.fromEntries(Array.from({length: 12}, (_, n) => [`k${n}.p12`, ''])));
    const {stderr} = await build(dir.path);
    expect(stderr.match(/^ {2}k\d+\.p12: a key store$/gm)).toHaveLength(10);
    expect(stderr).toMatch(/^ {2}and 2 more$/m);
    expect(stderr).toMatch(/--allow-secret k0\.p12/);
  });
});

describe('steps that are left out', () => {
  const files = {
    'package.json': JSON.stringify({
      name: 'app',
      version: '1.0.0',
      scripts: {build: "node -e \"require('fs').writeFileSync('built', '')\"", other: 'echo > other'},
      dependencies: {dep: '1.0.0'},
    }),
    'node_modules/dep/package.json': '{"name": "dep", "version": "1.0.0"}',
    'node_modules/.bin/dep': {link: '../dep/cli.js'},
    '.gitignore': 'node_modules\n',
  };
  const paths = async (archive: string) =>
    (await readEntries(await openArchive(archive))).map(({path}) => path);

  test.each([false, true])(
    '--no-install takes node_modules as it is; in a git work tree: %s',
    async (inGit) => {
      await using dir = await testdir(files);
      if (inGit) await git(dir.path, 'init', '-q');
      const {code, stderr} = await build(dir.path, '--no-install');
      expect({code, stderr}).toMatchObject({code: 0});
      expect(await paths(dir.at('a.tgz'))).toEqual([
        '.gitignore',
        'built',
        'keelson.cdx.json',
        'node_modules/.bin/dep',
        'node_modules/dep/package.json',
        'package.json',
      ]);
    },
  );

  test('--no-scripts runs none; --script runs that one', async () => {
    await using dir = await testdir(files);
    await build(dir.path, '--no-install', '--no-scripts');
    expect(await paths(dir.at('a.tgz'))).not.toContain('built');
    await build(dir.path, '--no-install', '--script', 'other');
    expect(await paths(dir.at('a.tgz'))).toContain('other');
    const both = await build(dir.path, '--no-install', '--no-scripts', '--script', 'other');
    expect(both).toMatchObject({code: 2, stderr: expect.stringContaining('--no-scripts')});
  });
});
