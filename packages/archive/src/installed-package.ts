/** A package as it lies in an archive. */
export interface InstalledPackage {
  /** Of its folder. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** As package.json has it: an SPDX expression, or words. */
  readonly license?: string | undefined;
}

const MANIFEST = /(^|\/)node_modules\/(@[^/]+\/)?[^/@][^/]*\/package\.json$/;

/** Whether a path is the package.json of an installed package, and not one that lies deeper in it. */
export function isPackageManifest(path: string): boolean {
  return MANIFEST.test(path);
}

/** What a package.json says; undefined when it says no name and version. */
export function packageOf(path: string, text: string): InstalledPackage | undefined {
  try {
    const {name, version, license} = JSON.parse(text.replace(/^\uFEFF/, '')) as Readonly<
      Record<string, unknown>
    >;
    if (typeof name !== 'string' || typeof version !== 'string') return undefined;
    const folder = path.slice(0, -'/package.json'.length);
    return {path: folder, name, version, ...(typeof license === 'string' ? {license} : {})};
  } catch {
    return undefined;
  }
}
