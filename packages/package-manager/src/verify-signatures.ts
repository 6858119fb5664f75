import {createPublicKey, verify} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {detectPackageManager} from './detect.ts';
import {PackageManagerFault} from './fault.ts';
import {installedPackages} from './installed-packages.ts';
import type {PackageManagerOptions} from './package-manager.ts';
import {askRegistry, registryPackages, type RegistryPackage} from './registry-packages.ts';

interface SigningKey {
  readonly keyid: string;
  readonly expires: string | null;
  /** DER in base64. */
  readonly key: string;
}

const SHOWN = 10;

/**
 * Compares what is installed with its registry: of a registry that publishes keys every package must be signed with one of them, and
 * be the one that the lockfile pins. The keys are those that the registry itself gives: https://docs.npmjs.com/about-registry-signatures
 * Returns how many packages were verified. Faults: PM_SIGNATURE, PM_REGISTRY; PM_UNSUPPORTED without a lockfile, and for yarn 2 and later, whose
 * lockfile has checksums of its own; those of detectPackageManager.
 */
export async function verifySignatures(dir: string, options: PackageManagerOptions = {}): Promise<number> {
  const {signal} = options;
  const {lockfile, berry} = options.manager ?? (await detectPackageManager(dir, options));
  if (berry === true)
    throw new PackageManagerFault(
      'PM_UNSUPPORTED',
      'signatures cannot be verified with a lockfile of yarn 2 or later',
    );
  const installed = installedPackages(dir).filter(({version}) => version !== undefined);
  if (installed.length === 0) return 0;
  if (lockfile === undefined)
    throw new PackageManagerFault(
      'PM_UNSUPPORTED',
      `signatures cannot be verified without a lockfile: it pins the packages in ${join(dir, 'node_modules')}`,
    );
  const pinned = readFileSync(join(dir, lockfile), 'utf8');
  const names = installed.map(({name}) => name);
  const packages = await registryPackages(dir, names, {signal});
  const keys = await keysOf(packages, signal);
  const checked = new Map<string, string | undefined>();
  for (const {name, version} of installed) {
    const known = packages.get(name);
    const own = known && keys.get(known.registry);
    if (known !== undefined && own !== undefined)
      checked.set(`${name}@${version}`, whyWrong(`${name}@${version}`, version!, {known, keys: own, pinned}));
  }
  const wrong = [...checked]
    .filter(([, because]) => because !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  if (wrong.length === 0) return checked.size;
  const lines = wrong.slice(0, SHOWN).map(([what, because]) => `\n  ${what}: ${because}`);
  const more = wrong.length > SHOWN ? `\n  and ${wrong.length - SHOWN} more` : '';
  throw new PackageManagerFault('PM_SIGNATURE', `not what the registry has signed:${lines.join('')}${more}`, {
    hint: 'Do not run it before you know where it comes from.',
  });
}

/** By registry; one that publishes none is not among them. */
async function keysOf(
  packages: ReadonlyMap<string, RegistryPackage>,
  signal: AbortSignal | undefined,
): Promise<Map<string, readonly SigningKey[]>> {
  const found = new Map<string, readonly SigningKey[]>();
  for (const registry of new Set([...packages.values()].map((one) => one.registry))) {
    const answer = await askRegistry<{keys?: readonly SigningKey[]}>(`${registry}-/npm/v1/keys`, signal);
    if (answer?.keys !== undefined && answer.keys.length > 0) found.set(registry, answer.keys);
  }
  return found;
}

interface Evidence {
  readonly known: RegistryPackage;
  readonly keys: readonly SigningKey[];
  /** The lockfile's text: all of them but yarn 2's have the registry's checksum as it is. */
  readonly pinned: string;
}

function whyWrong(what: string, version: string, {known, keys, pinned}: Evidence): string | undefined {
  const {integrity, signatures = []} = known.versions[version]?.dist ?? {};
  if (integrity === undefined) return 'the registry does not have this version';
  if (!pinned.includes(integrity)) return 'the lockfile pins another one than the registry has';
  if (signatures.length === 0) return 'it is not signed';
  const published = Date.parse(known.time[version] ?? '');
  const right = signatures.some(({keyid, sig}) => {
    const key = keys.find((one) => one.keyid === keyid);
    if (key === undefined || (key.expires !== null && !(published < Date.parse(key.expires)))) return false;
    const publicKey = createPublicKey({key: Buffer.from(key.key, 'base64'), format: 'der', type: 'spki'});
    return verify('sha256', Buffer.from(`${what}:${integrity}`), publicKey, Buffer.from(sig, 'base64'));
  });
  return right ? undefined : 'its signature is wrong';
}
