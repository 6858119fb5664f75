import {readFile} from 'node:fs/promises';
import {join} from 'node:path';

/** What of package.json decides here; everything else in it is somebody else's. */
export interface PackageJson {
  readonly scripts?: {readonly start?: unknown} | undefined;
  readonly keelson?: unknown;
}

/** `<dir>/package.json`; empty where there is none, or none that can be read: whoever needs it says so. */
export async function packageJson(dir: string): Promise<PackageJson> {
  try {
    const text = await readFile(join(dir, 'package.json'), 'utf8');
    return (JSON.parse(text.replace(/^\uFEFF/, '')) as PackageJson | null) ?? {};
  } catch {
    return {};
  }
}
