import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {homedir} from 'node:os';
import {join} from 'node:path';

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'keelson-bench');

/** npm resolves as it would have on that day: the same tree for everybody, without a lockfile in this repository. */
const BEFORE = '2025-09-01';

const words = (text) => text.trim().split(/\s+/);

const TREES = {
  // Some 250 packages, 8 500 files, 37 MB.
  small: words('express@5 fastify@5 pino@9 @aws-sdk/client-s3@3 bullmq@5 zod@3 pg@8 ioredis@5'),
  // Some 660 packages, 43 000 files, 305 MB.
  large: words(`
    @nestjs/core@10 @nestjs/common@10 @nestjs/platform-express@10 @nestjs/cli@10 next@14 react@18 react-dom@18
    fastify@5 express@5 typescript@5 @aws-sdk/client-s3@3 @aws-sdk/client-dynamodb@3 @aws-sdk/client-sqs@3 typeorm@0.3
    bullmq@5 sharp@0.33 lodash@4 date-fns@4 rxjs@7 pino@9 mongodb@6 pg@8 ioredis@5 graphql@16 webpack@5
  `),
};

// Half of the large tree would be these binaries.
const WITHOUT = ['@next/swc-linux-x64-gnu', '@next/swc-linux-x64-musl', '@next/swc-linux-arm64-gnu'];

/** A folder with installed dependencies, made once in the bench's cache. */
export function installedTree(name) {
  const folder = join(cache, `tree-${name}-${BEFORE}`);
  if (existsSync(folder)) return folder;
  process.stderr.write(`bench: installing the ${name} tree\n`);
  const work = `${folder}.new`;
  rmSync(work, {recursive: true, force: true});
  mkdirSync(work, {recursive: true});
  const app = {name: `bench-${name}`, version: '1.0.0', private: true, bundleDependencies: true}; // for npm pack
  writeFileSync(join(work, 'package.json'), JSON.stringify(app));
  const argv = ['install', '--before', BEFORE, '--ignore-scripts', '--no-audit', '--no-fund', ...TREES[name]];
  const {status} = spawnSync('npm', argv, {cwd: work, stdio: ['ignore', 2, 2]});
  if (status !== 0) throw new Error(`cannot install the ${name} tree`);
  for (const each of WITHOUT) rmSync(join(work, 'node_modules', each), {recursive: true, force: true});
  renameSync(work, folder);
  return folder;
}
