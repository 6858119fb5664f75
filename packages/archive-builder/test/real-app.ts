import {execFileSync, spawn} from 'node:child_process';
import {cpSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {extractArchive, type Archive} from '@keelson/archive';
import {buildArchive, openForBuild, type BuildOptions} from '@keelson/archive-builder';
import {readProcfile} from '@keelson/procfile';
import {parseSource} from '@keelson/source';
import {freePort, packageRoot, testdir, until, type TestDirectory, type Tree} from '@keelson/test-kit';

/** package.json and lockfile of each are below `fixtures/apps`. */
const APPS = {
  express: {
    Procfile: 'web: node server.js\n',
    'server.js': `
      const app = require('express')();
      app.get('/', (_request, response) => response.send('express says hello'));
      app.listen(process.env.PORT, '127.0.0.1');`,
  },
  fastify: {
    Procfile: 'web: node server.js\n',
    'public/index.html': 'fastify says hello\n',
    'server.js': `
      const fastify = require('fastify')();
      fastify.register(require('@fastify/static'), {root: require('node:path').join(__dirname, 'public')});
      fastify.listen({port: Number(process.env.PORT), host: '127.0.0.1'});`,
  },
  next: {
    Procfile: 'web: next start --hostname 127.0.0.1\n',
    'pages/index.js': `
      export const getServerSideProps = () => ({props: {text: 'next says hello'}});
      export default function Page({text}) { return text; }`,
  },
  nest: {
    Procfile: 'web: node dist/main.js\n',
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        module: 'commonjs',
        target: 'es2022',
        rootDir: 'src',
        outDir: 'dist',
        skipLibCheck: true,
        types: [],
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
      },
      include: ['src'],
    }),
    'src/main.ts': `
      import 'reflect-metadata';
      import {Controller, Get, Module} from '@nestjs/common';
      import {NestFactory} from '@nestjs/core';
      declare const process: {env: Record<string, string | undefined>};
      @Controller()
      class HelloController {
        @Get() hello(): string { return 'nest says hello'; }
      }
      @Module({controllers: [HelloController]})
      class AppModule {}
      void NestFactory.create(AppModule).then((app) => app.listen(Number(process.env.PORT), '127.0.0.1'));`,
  },
} satisfies Record<string, Tree>;

export type RealApp = keyof typeof APPS;

/** For `describeWith`: where packages of npm can be had. */
export function registry(): string {
  try {
    const args = ['view', 'express@5.2.1', 'version', '--prefer-offline', '--fetch-retries=0'];
    execFileSync('npm', args, {stdio: 'pipe', timeout: 20_000});
    return process.execPath;
  } catch {
    return 'the registry of npm';
  }
}

/** One of these in `<dir>/app`. */
export async function realApp(name: RealApp): Promise<TestDirectory> {
  const sources = Object.entries(APPS[name]).map(([path, content]) => [`app/${path}`, content]);
  const dir = await testdir(Object.fromEntries(sources) as Tree);
  cpSync(join(packageRoot(import.meta.url), 'test/fixtures/apps', name), dir.at('app'), {recursive: true});
  return dir;
}

export async function buildApp(
  dir: TestDirectory,
  out: string,
  options: BuildOptions = {},
): Promise<Archive> {
  await using checkout = await openForBuild(parseSource(dir.at('app')));
  return await buildArchive(checkout, {...options, out: dir.at(out)});
}

/** What a started archive answers on `/`: extracted elsewhere, its sources gone, its `web` process started as a Procfile says. */
export async function answerOf(archive: Archive, dir: TestDirectory): Promise<string> {
  await using elsewhere = await testdir();
  const cwd = elsewhere.at('srv');
  await extractArchive(archive, cwd);
  rmSync(dir.at('app'), {recursive: true});
  const {command} = (await readProcfile(cwd)).types.find(({name}) => name === 'web')!;
  const port = String(await freePort());
  const env = {PATH: `${cwd}/node_modules/.bin:${process.env['PATH']}`, PORT: port, NODE_ENV: 'production'};
  const server = spawn('sh', ['-c', `exec ${command}`], {cwd, env, stdio: 'ignore', detached: true});
  try {
    let answer = '';
    const ask = async () => {
      try {
        answer = await (await fetch(`http://127.0.0.1:${port}/`)).text();
        return true;
      } catch {
        return false; // it does not listen yet
      }
    };
    await until(ask, {timeoutMs: 30_000, what: `${command} to answer`});
    return answer;
  } finally {
    process.kill(-server.pid!, 'SIGKILL');
  }
}
