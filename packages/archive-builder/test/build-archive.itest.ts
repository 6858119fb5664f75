import {createHash} from 'node:crypto';
import {chmodSync, cpSync, readFileSync, utimesSync} from 'node:fs';
import {rm} from 'node:fs/promises';
import {afterAll, describe, expect, test} from '@jest/globals';
import {
  extractArchive,
  openArchive,
  readEntries,
  runtimeFacts,
  verifyArchive,
  verifyTree,
} from '@keelson/archive';
import {buildArchive, type BuildEvent, type BuildOptions} from '@keelson/archive-builder';
import {openSource, parseSource} from '@keelson/source';
import {faultOf, git, testdir} from '@keelson/test-kit';
import {appDirectory, removeTemplate} from './app.ts';

afterAll(removeTemplate);

async function build(source: string, options: BuildOptions) {
  await using checkout = await openSource(parseSource(source));
  return await buildArchive(checkout, options);
}

describe('buildArchive', () => {
  test('installs, builds, prunes and packs, and says what is in the archive', async () => {
    await using dir = await appDirectory();
    const before = await dir.list('app');
    const events: BuildEvent[] = [];
    const archive = await build(dir.at('app'), {
      out: dir.at('app.tgz'),
      onEvent: (event) => void events.push(event),
    });
    const lockfile = readFileSync(dir.at('app/package-lock.json'));
    expect(archive.manifest).toMatchObject({
      name: '@demo/app',
      version: '1.2.3',
      builder: expect.stringMatching(/^@keelson\/archive-builder\/\d/),
      node: {range: '>=20', ...runtimeFacts()},
      packageManager: {
        name: 'npm',
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        lockfile: 'package-lock.json',
        lockDigest: `sha256-${createHash('sha256').update(lockfile).digest('hex')}`,
      },
      scripts: ['build'],
      processTypes: ['web', 'worker'],
      required: ['DATABASE_URL'],
      addons: [],
      dependencies: {installScripts: {ran: [], heldBack: ['dep@1.0.0']}},
    });
    expect((await readEntries(archive)).map(({path}) => path)).toEqual([
      '.env.example',
      'Procfile',
      'build.js',
      'dist/app.js',
      'dist/pipe.sh',
      'keelson.cdx.json',
      'node_modules/.package-lock.json',
      'node_modules/dep/index.js',
      'node_modules/dep/package.json',
      'package-lock.json',
      'package.json',
      'vendor/dep-1.0.0.tgz',
      'vendor/dev-2.0.0.tgz',
    ]);
    const steps = events.map(({type}) => type).filter((type) => type.startsWith('build:'));
    expect(steps).toEqual([
      'build:opened',
      'build:installed',
      'build:scripts-held-back',
      'build:script-ran',
      'build:pruned',
      'build:packed',
    ]);
    expect(events).toContainEqual({type: 'build:scripts-held-back', packages: ['dep']});
    expect(await dir.list('app')).toEqual(before);

    expect((await verifyArchive(archive)).problems).toEqual([]);
    await extractArchive(archive, dir.at('out'));
    expect(await verifyTree(dir.at('out'))).toEqual({
      kind: 'verification',
      digest: archive.digest,
      problems: [],
    });
    expect(await dir.read('out/dist/app.js')).toBe(
      `dev was here\n${process.env['NODE_ENV'] ?? 'production'}`,
    );
    // What it is made of, without what only development needs.
    const bill = JSON.parse(await dir.read('out/keelson.cdx.json')) as {
      metadata: {component: object};
      components: {purl: string}[];
    };
    expect(bill).toMatchObject({bomFormat: 'CycloneDX', specVersion: '1.6'});
    expect(bill.metadata.component).toMatchObject({name: '@demo/app', version: '1.2.3'});
    expect(bill.components.map(({purl}) => purl)).toEqual(['pkg:npm/dep@1.0.0']);
    const everything =
      readFileSync(dir.at('app.tgz')).toString('latin1') + (await openArchive(archive.path)).digest;
    expect(everything).not.toContain('hunter2');
  });

  test('gives the same bytes for the same sources: twice, elsewhere, touched, and with itself lying in them', async () => {
    await using dir = await appDirectory();
    const one = await build(dir.at('app'), {out: dir.at('one.tgz')});
    cpSync(dir.at('app'), dir.at('elsewhere/copy'), {recursive: true});
    chmodSync(dir.at('elsewhere/copy/build.js'), 0o600);
    utimesSync(dir.at('elsewhere/copy/build.js'), 1, 1);
    await dir.write({
      'elsewhere/copy/.env': 'SECRET=another',
      'elsewhere/copy/node_modules/dep/index.js': 'an older installation',
    });
    // As if somebody built in that folder again and again.
    const two = await build(dir.at('elsewhere/copy'), {out: dir.at('elsewhere/copy/demo-app-1.2.3.tgz')});
    await dir.write({'elsewhere/copy/demo-app-1.2.2.tar': 'an older one'});
    const again = {out: dir.at('elsewhere/copy/dist-three.tgz'), cache: dir.at('cache')};
    const three = await build(dir.at('elsewhere/copy'), again);
    const four = await build(dir.at('elsewhere/copy'), again);
    expect([two, three, four].map(({fileDigest}) => fileDigest)).toEqual(Array(3).fill(one.fileDigest));
  });

  test('from a git repository it knows the commit, and a clone gives the same tree', async () => {
    await using dir = await appDirectory({
      'app/.gitignore': 'dist/\nnode_modules/\n.env\n*.tgz\n!vendor/*.tgz\n',
    });
    await git(dir.at('app'), 'init', '--quiet', '--initial-branch=main');
    await git(dir.at('app'), 'add', '--all');
    await git(dir.at('app'), 'commit', '--quiet', '--message=first');
    const revision = await git(dir.at('app'), 'rev-parse', 'HEAD');
    const cache = dir.at('cache');
    const folder = await build(dir.at('app'), {out: dir.at('folder.tgz'), cache});
    const clone = await build(`${dir.at('app')}#main`, {out: dir.at('clone.tgz'), cache});
    for (const {manifest} of [folder, clone]) expect(manifest.source).toEqual({revision, dirty: false});
    expect(clone.fileDigest).toBe(folder.fileDigest);
    await dir.write({'app/more.js': ''});
    const dirty = await build(dir.at('app'), {out: dir.at('dirty.tgz'), install: false, scripts: []});
    expect(dirty.manifest.source).toEqual({revision, dirty: true});
  });

  test('from its own archive it builds the same again', async () => {
    await using dir = await appDirectory();
    const cache = dir.at('cache');
    const one = await build(dir.at('app'), {out: dir.at('one.tgz'), cache});
    const two = await build(one.path, {out: dir.at('two.tgz'), cache});
    expect(two.fileDigest).toBe(one.fileDigest);
  });

  test('runs the scripts it is told to, or none', async () => {
    const scripts = {build: 'node build.js', assets: "node -e \"fs.writeFileSync('assets.txt', 'x')\""};
    await using dir = await appDirectory({}, {scripts});
    const none = await build(dir.at('app'), {out: dir.at('none.tgz'), scripts: []});
    expect(none.manifest).toMatchObject({scripts: [], processTypes: ['web', 'worker']});
    const paths = (await readEntries(none)).map(({path}) => path);
    expect(paths).not.toContain('dist/app.js');
    const assets = await build(dir.at('app'), {out: dir.at('assets.tgz'), scripts: ['assets']});
    expect((await readEntries(assets)).map(({path}) => path)).toContain('assets.txt');
  });

  test('runs the install scripts of packages that are named, and only then', async () => {
    await using dir = await appDirectory();
    const fault = await faultOf(
      build(dir.at('app'), {out: dir.at('a.tgz'), dependencies: {rebuild: ['dep']}}),
    );
    // That of `dep` exits 3.
    expect(fault).toMatchObject({code: 'PM_REBUILD_FAILED'});
  });

  test('brings no list of what it is made of along where nothing is installed', async () => {
    await using dir = await appDirectory();
    const bare = await build(dir.at('app'), {out: dir.at('bare.tgz'), install: false, scripts: []});
    expect((await readEntries(bare)).map(({path}) => path)).not.toContain('keelson.cdx.json');
    expect(bare.manifest.dependencies).toEqual({});
  });

  test('an app without dependencies needs no lockfile, one without processes no Procfile', async () => {
    await using dir = await testdir({
      'app/package.json': '{"name": "bare", "version": "0.1.0"}',
      'app/x.js': '',
    });
    const archive = await build(dir.at('app'), {out: dir.at('bare.tar')});
    expect(archive.manifest).toMatchObject({processTypes: [], scripts: []});
    expect((await readEntries(archive)).map(({path}) => path)).toEqual(['package.json', 'x.js']);
  });

  test('a package.json with a byte order mark is one, that of a dependency too', async () => {
    const workspaces = {workspaces: ['lib'], dependencies: {dep: '1.0.0'}, files: ['x.js']};
    await using dir = await testdir({
      'app/package.json': `\ufeff${JSON.stringify({name: 'bom', version: '0.1.0', ...workspaces})}`,
      'app/package-lock.json': JSON.stringify({lockfileVersion: 3, packages: {}}),
      'app/x.js': '',
      'app/y.js': '',
      'app/lib/package.json': '\ufeff{"name": "lib", "version": "1.0.0"}',
      'app/node_modules/dep/package.json': '\ufeff{"name": "dep", "version": "1.0.0"}',
    });
    const options = {out: dir.at('bom.tgz'), install: false};
    await using checkout = await openSource(parseSource(dir.at('app')), {installed: true});
    await extractArchive(await buildArchive(checkout, options), dir.at('out'));
    expect((await dir.list('out')).filter((path) => path.endsWith('.js'))).toEqual(['x.js']);
    expect(await dir.read('out/keelson.cdx.json')).toContain('pkg:npm/dep@1.0.0');
    await using other = await openSource(parseSource(dir.at('app')), {installed: true});
    const lib = await buildArchive(other, {...options, workspace: 'lib'});
    expect(lib.manifest.name).toBe('lib');
  });

  test('what is wrong is said before anything is installed', async () => {
    await using dir = await appDirectory();
    const app = dir.at('app');
    const events: BuildEvent[] = [];
    const onEvent = (event: BuildEvent) => void events.push(event);
    const codes = [
      (await faultOf(build(app, {out: dir.at('a.zip'), onEvent}))).code,
      (await faultOf(build(app, {out: dir.at('no/a.tgz'), onEvent}))).code,
    ];
    await rm(dir.at('app/package-lock.json'));
    codes.push((await faultOf(build(app, {out: dir.at('a.tgz'), onEvent}))).code);
    await rm(dir.at('app/package.json'));
    codes.push((await faultOf(build(app, {out: dir.at('a.tgz'), onEvent}))).code);
    expect(codes).toEqual([
      'ARCHIVE_DESTINATION',
      'ARCHIVE_DESTINATION',
      'PM_NO_LOCKFILE',
      'MANIFEST_MISSING',
    ]);
    expect(events.map(({type}) => type)).not.toContain('build:installed');
  });

  test('a failing build script gives its last lines and no archive', async () => {
    await using dir = await appDirectory({
      'app/build.js': 'console.error("no such thing"); process.exit(9);',
    });
    const fault = await faultOf(build(dir.at('app'), {out: dir.at('a.tgz')}));
    expect(fault).toMatchObject({
      code: 'PM_SCRIPT_FAILED',
      message: expect.stringContaining('no such thing'),
    });
    expect(await dir.list()).not.toContain('a.tgz');
  });

  test('a broken Procfile is no archive', async () => {
    await using dir = await testdir({
      'app/package.json': '{"name": "bare"}',
      'app/Procfile': 'web node x.js\n',
    });
    expect(await faultOf(build(dir.at('app'), {out: dir.at('a.tgz')}))).toMatchObject({
      code: 'PROCFILE_SYNTAX',
    });
  });

  test('a second build with the same lockfile takes the dependencies from the cache, and gives the same bytes', async () => {
    await using dir = await appDirectory();
    const bytes: string[] = [];
    const cached: boolean[] = [];
    for (const cache of [undefined, dir.at('cache'), dir.at('cache')]) {
      const {fileDigest} = await build(dir.at('app'), {
        out: dir.at('app.tgz'),
        cache,
        onEvent: (event) => void (event.type === 'build:installed' && cached.push(event.cached)),
      });
      bytes.push(fileDigest!);
    }
    expect(cached).toEqual([false, false, true]);
    expect(new Set(bytes).size).toBe(1);
  });
});
