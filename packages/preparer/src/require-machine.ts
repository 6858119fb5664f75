import {runtimeFacts, type ArchiveManifest, type RuntimeFacts} from '@keelson/archive';
import {PrepareFault} from './fault.ts';

/**
 * Whether this machine can run an archive, as far as the archive itself says: the range of Node versions that the app asks for
 * and, when it brings native add-ons, the platform that they were built for. JavaScript alone runs on any.
 * The ABI is not compared: what loads decides. Faults: PREPARE_NODE_MISMATCH, PREPARE_PLATFORM_MISMATCH.
 */
export async function requireMachine(
  manifest: ArchiveManifest,
  here: RuntimeFacts = runtimeFacts(),
): Promise<void> {
  const {node, name, version, addons} = manifest;
  await requireNode({name, version, range: node.range}, here);
  if (addons.length > 0 && platformOf(node) !== platformOf(here))
    throw new PrepareFault(
      'PREPARE_PLATFORM_MISMATCH',
      `${name} ${version} was built on ${platformOf(node)} and brings native add-ons (${addons[0]}), this is ${platformOf(here)}`,
      {hint: `Build the archive on ${platformOf(here)}.`},
    );
}

/** Whether this Node is one that an app asks for (`engines.node`). Fault PREPARE_NODE_MISMATCH. */
export async function requireNode(
  {
    name,
    version,
    range,
  }: {readonly name: string; readonly version: string; readonly range?: string | undefined},
  here: RuntimeFacts = runtimeFacts(),
): Promise<void> {
  if (range === undefined || (await satisfies(here.version, range))) return;
  throw new PrepareFault(
    'PREPARE_NODE_MISMATCH',
    `${name} ${version} needs Node ${range}, this is ${here.version}`,
    {hint: 'Run Keelson with that Node, or correct `engines.node` in package.json.'},
  );
}

/** `linux-x64-glibc` */
function platformOf({platform, arch, libc}: RuntimeFacts): string {
  return [platform, arch, libc].filter((part) => part !== undefined).join('-');
}

async function satisfies(version: string, range: string): Promise<boolean> {
  const {default: semver} = await import('semver');
  // A nightly or release candidate of a version counts as that version.
  return semver.satisfies(version, range, {includePrerelease: true});
}
