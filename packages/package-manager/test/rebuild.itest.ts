import {describe, expect, test} from '@jest/globals';
import {packagesWithScripts, rebuild} from '@keelson/package-manager';
import {faultOf, testdir, type Tree} from '@keelson/test-kit';

const say = (word: string) => `node -e "fs.appendFileSync('ran.txt', '${word} ')"`;
const manifest = (name: string, scripts: object = {}) => JSON.stringify({name, version: '1.0.0', scripts});

/** A tree as pnpm, yarn or another npm left it: no notes of the manager's own, no store. */
const tree = (lockfile: string): Tree => ({
  'package.json': manifest('app', {install: 'exit 1'}),
  [lockfile]: '',
  'node_modules/plain/package.json': manifest('plain'),
  'node_modules/linked': {link: '.pnpm/linked@1.0.0/node_modules/linked'},
  'node_modules/.pnpm/linked@1.0.0/node_modules/linked/package.json': manifest('linked', {
    install: say('install'),
  }),
  'node_modules/@x/full/package.json': manifest('@x/full', {
    preinstall: say('pre'),
    install: say('install'),
    postinstall: say('post'),
  }),
  'node_modules/plain/node_modules/post/package.json': manifest('post', {postinstall: say('nested')}),
  'node_modules/post/package.json': manifest('post', {preinstall: say('pre'), postinstall: say('post')}),
  'node_modules/alias/package.json': manifest('other', {install: say('alias')}),
  'node_modules/bad/package.json': manifest('bad', {
    install: 'node -e "console.error(\'no compiler\'); process.exit(7)"',
  }),
  'node_modules/gyp/package.json': manifest('gyp'),
  'node_modules/gyp/binding.gyp': '{}',
});

describe.each(['pnpm-lock.yaml', 'yarn.lock'])('rebuilding a tree with a %s', (lockfile) => {
  test('runs the install scripts of the named packages, wherever they lie, and of no others', async () => {
    await using dir = await testdir(tree(lockfile));
    expect(await packagesWithScripts(dir.path)).toEqual(['@x/full', 'bad', 'gyp', 'linked', 'other', 'post']);
    await rebuild(dir.path, ['linked', '@x/full', 'post', 'alias']);
    const ran = (await dir.list()).filter((path) => path.endsWith('ran.txt'));
    const said = await Promise.all(ran.map(async (path) => [path, await dir.read(path)]));
    expect(Object.fromEntries(said)).toEqual({
      'node_modules/.pnpm/linked@1.0.0/node_modules/linked/ran.txt': 'install ',
      'node_modules/@x/full/ran.txt': 'pre install post ',
      'node_modules/alias/ran.txt': 'alias ',
      'node_modules/plain/node_modules/post/ran.txt': 'nested ',
      'node_modules/post/ran.txt': 'pre post ',
    });
  });

  test('lets them read the settings of the machine', async () => {
    const told = `node -e "fs.writeFileSync('told.txt', process.env.npm_config_cafile)"`;
    await using dir = await testdir({
      'package.json': manifest('app'),
      [lockfile]: '',
      'node_modules/dep/package.json': manifest('dep', {install: told}),
      'machine/etc/npmrc': 'cafile=/etc/machine.pem\n',
    });
    const before = {...process.env};
    // What `npm test` tells about its own settings comes before those of the machine.
    for (const name of Object.keys(before)) if (/^npm_config_/i.test(name)) delete process.env[name];
    process.env['PREFIX'] = dir.at('machine'); // of npm itself
    try {
      await rebuild(dir.path, ['dep']);
    } finally {
      delete process.env['PREFIX'];
      Object.assign(process.env, before);
    }
    expect(await dir.read('node_modules/dep/told.txt')).toBe('/etc/machine.pem');
  });

  test('fails with the last lines of a script that does', async () => {
    await using dir = await testdir(tree(lockfile));
    expect(await faultOf(rebuild(dir.path, ['bad']))).toMatchObject({
      code: 'PM_REBUILD_FAILED',
      message: expect.stringMatching(/^rebuilding bad failed with exit code 7 in .*no compiler/s),
    });
    expect(await faultOf(rebuild(dir.path, ['absent']))).toMatchObject({code: 'PM_REBUILD_FAILED'});
  });
});
