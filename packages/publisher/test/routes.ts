import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {copyFileSync, existsSync, mkdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from '@jest/globals';
import {extractArchive, openArchive} from '@keelson/archive';
import {openPublishable, parseDestination, publish, publishToAll} from '@keelson/publisher';
import {describeWith, git, testdir, type TestDirectory} from '@keelson/test-kit';
import {builtArchive} from './built-archive.ts';
import {gitDaemon} from './servers/git-daemon.ts';
import {nginx, type Nginx} from './servers/nginx.ts';
import {sshd, type Sshd} from './servers/sshd.ts';

const PROGRAMS = ['git', '/usr/sbin/nginx', '/usr/sbin/fcgiwrap', '/usr/sbin/sshd', 'sftp', 'npm'];

/** Everything that the sources come from and the destinations lead to. */
interface World {
  readonly dir: TestDirectory;
  readonly web: Nginx;
  readonly ssh: Sshd;
  readonly daemon: string;
}

// What each is called, given the world; the package is the same in all of them, and the archive in the second half.
const SOURCES: Readonly<Record<string, (world: World) => string>> = {
  'a folder': ({dir}) => dir.at('package'),
  'a tarball of npm': ({dir}) => dir.at('web-1.0.0.tgz'),
  'a tarball from a store': ({web, dir}) => `${web.store}/raw.tgz#sha256=${sha256(dir.at('web-1.0.0.tgz'))}`,
  'a git work tree': ({dir}) => `${dir.at('repository')}#main`,
  'a range of tags over file://': ({dir}) => `file://${dir.at('repository')}#semver:^1`,
  'git over http': ({web}) => `${web.git}/source.git#v1.0.0`,
  'git over ssh': ({ssh, dir}) => `git+ssh://${ssh.host}${dir.at('repository')}#main`,
  'git://': ({daemon}) => `${daemon}#main`,
  'an archive': ({dir}) => dir.at('built.tgz'),
  'an archive from a store': ({web}) => `${web.store}/built.tgz`,
  'a deploy branch': ({web}) => `${web.git}/built.git`,
  'the value of a build': () => '-',
};

const DESTINATIONS: Readonly<Record<string, (world: World, n: number) => string>> = {
  'git http-backend': ({web}, n) => `${web.git}/to.git#to${n}`,
  'git over ssh': ({ssh, dir}, n) => `git+ssh://${ssh.host}${dir.at('to.git')}#ssh${n}`,
  'git in a folder': ({dir}, n) => `${dir.at('to.git')}#file${n}`,
  'a store by PUT': ({web}, n) => `${web.store}/to/${n}.tgz`,
  'a receiver by ssh': ({ssh}, n) => `ssh://${ssh.host}/app-${n}`,
  sftp: ({ssh, dir}, n) => `sftp://${ssh.host}${dir.at('to')}/sftp ${n}.tgz`,
  scp: ({ssh, dir}, n) => `scp://${ssh.host}${dir.at('to')}/scp'${n}.tgz`,
  'a file': ({dir}, n) => dir.at(`to/${n}.tgz`),
};

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Publishes from each source to the destinations that are picked for it, over real servers on loopback. */
export function describeRoutes(title: string, pick: (source: number, destination: number) => boolean): void {
  describeWith(PROGRAMS, title, () => {
    const held: AsyncDisposable[] = [];
    const keep = <T extends AsyncDisposable>(one: T): T => (held.push(one), one);
    let world: World;
    let built: Awaited<ReturnType<typeof builtArchive>>;
    let sshBefore: string | undefined;

    beforeAll(async () => {
      sshBefore = process.env['GIT_SSH_COMMAND'];
      const dir = keep(await testdir());
      const web = keep(await nginx());
      const ssh = keep(await sshd());
      const daemon = keep(await gitDaemon());
      built = keep(await builtArchive({'server.js': '1\r\n', '.gitattributes': '* text=auto\n'}));
      process.env['GIT_SSH_COMMAND'] = ssh.command;
      const files = {
        'package.json': '{"name": "web", "version": "1.0.0"}',
        'server.js': '1\r\n',
        'bin/start': {mode: 0o755, content: '#!/bin/sh\n'},
      };
      for (const folder of ['package', 'repository'])
        await dir.write(
          Object.fromEntries(Object.entries(files).map(([path, file]) => [`${folder}/${path}`, file])),
        );
      execFileSync('npm', ['pack', '--silent', '--ignore-scripts'], {cwd: dir.at('package')});
      copyFileSync(dir.at('package/web-1.0.0.tgz'), dir.at('web-1.0.0.tgz'));
      execFileSync('rm', [dir.at('package/web-1.0.0.tgz')]);
      const at = dir.at('repository');
      await git(at, '-c', 'init.defaultBranch=main', 'init', '--quiet');
      await git(at, '-c', 'core.autocrlf=false', 'add', '--all');
      await git(at, 'commit', '--quiet', '--message=one');
      await git(at, 'tag', 'v1.0.0');
      await git(at, 'push', '--quiet', await web.repository('source.git'), 'main', 'v1.0.0');
      await git(at, 'push', '--quiet', daemon.dir.at('app.git'), 'main');
      await git(dir.path, 'init', '--quiet', '--bare', dir.at('to.git'));
      mkdirSync(dir.at('to'));
      copyFileSync(built.archive.path, dir.at('built.tgz'));
      copyFileSync(built.archive.path, web.dir.at('store/built.tgz'));
      copyFileSync(dir.at('web-1.0.0.tgz'), web.dir.at('store/raw.tgz'));
      await web.repository('to.git');
      await publish(built.archive, parseDestination(await web.repository('built.git')));
      world = {dir, web, ssh, daemon: daemon.url};
    });

    afterAll(async () => {
      if (sshBefore === undefined) delete process.env['GIT_SSH_COMMAND'];
      else process.env['GIT_SSH_COMMAND'] = sshBefore;
      for (const one of held.splice(0).reverse()) await one[Symbol.asyncDispose]();
    });

    const options = () => ({
      date: new Date(0),
      tries: 1,
      ssh: {
        command: world.ssh.command,
        receive: `${process.execPath} '${join(import.meta.dirname, '../test/fixtures/stdio-receiver.mjs')}' ${world.dir.at('to')}`,
      },
    });

    test.each(Object.keys(SOURCES).map((name, n) => [name, n] as const))('%s', async (name, n) => {
      const named = SOURCES[name]!(world);
      await using opened = await openPublishable(named === '-' ? built.archive : named);
      const picked = Object.entries(DESTINATIONS).filter((_, destination) => pick(n, destination));
      const all = picked.map(([, destination]) => parseDestination(destination(world, n)));
      const {digest, publications} = await publishToAll(opened.what, all, options());
      // The same files have the same digest, whatever brought them.
      const packed = n < Object.keys(SOURCES).indexOf('an archive');
      expect(digest).toBe(packed ? (await openFolder()).digest : built.archive.digest);
      const problems = publications.filter(({result}) => result !== 'published');
      expect(problems).toEqual([]);
      // Wherever it is a file it has the same bytes, and what is there is the same package again.
      const places = ['to/%.tgz', 'to/sftp %.tgz', "to/scp'%.tgz", 'to/app-%.tgz'].map((path) =>
        world.dir.at(path),
      );
      const files = [...places, world.web.dir.at('store/to/%.tgz')]
        .map((path) => path.replace('%', String(n)))
        .filter((path) => existsSync(path));
      for (const file of files) expect(sha256(file)).toBe(sha256(files[0]!));
      for (const publication of publications
        .filter(({to}) => ['http', 'file', 'git'].includes(to.kind))
        .slice(0, 1)) {
        await using back = await openPublishable(publication);
        expect(back.what.digest).toBe(digest);
      }
    });

    async function openFolder() {
      await using opened = await openPublishable(world.dir.at('package'));
      return opened.what;
    }

    test('a second time nothing is sent anywhere', async () => {
      const all = Object.values(DESTINATIONS).map((destination) => parseDestination(destination(world, 99)));
      const archive = await openArchive(world.dir.at('built.tgz'));
      await publishToAll(archive, all, options());
      const events: string[] = [];
      const onEvent = ({type}: {readonly type: string}) => void events.push(type);
      const {publications} = await publishToAll(archive, all, {...options(), onEvent});
      expect(publications.map(({result}) => result)).toEqual(all.map(() => 'already-published'));
      expect(events).toEqual([]);
    });

    test('a folder that was extracted goes out as a file that is the archive again', async () => {
      await extractArchive(built.archive, world.dir.at('extracted'));
      const to = `${world.dir.at('again')}/`;
      await publish(await openArchive(world.dir.at('extracted')), parseDestination(to));
      const again = await openArchive(`${to}web-1.0.0.tgz`);
      await extractArchive(again, world.dir.at('again-out')); // verifies every byte
      expect(again.digest).toBe(built.archive.digest);
    });
  });
}
