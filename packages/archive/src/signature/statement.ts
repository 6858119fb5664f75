import {createHash} from 'node:crypto';
import type {StepOptions} from '@keelson/step';
import type {Archive} from '../archive.ts';
import type {Digest} from '../archive-manifest.ts';
import {readManifestText} from '../open-archive.ts';

/**
 * What is signed. The digest covers every file, link and mode; `manifest` the bytes of `keelson.json` itself, and so what it says of
 * Node, process types and the rest. Both are the same for a tarball, a folder and a git commit.
 */
export interface Statement {
  readonly kind: 'keelson-archive';
  readonly name: string;
  readonly version: string;
  readonly digest: Digest;
  /** sha-256 of `keelson.json`. */
  readonly manifest: Digest;
}

export async function statementOf(archive: Archive, options: StepOptions): Promise<Statement> {
  const {name, version} = archive.manifest;
  const text = await readManifestText(archive, options);
  const manifest = `sha256-${createHash('sha256').update(text).digest('hex')}` as const;
  return {kind: 'keelson-archive', name, version, digest: archive.digest, manifest};
}
