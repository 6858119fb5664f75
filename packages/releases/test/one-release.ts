import {mkdir, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {Release, ReleaseFacts, Releases} from '@keelson/releases';

export interface Making {
  readonly files?: Readonly<Record<string, string>>;
  readonly persistent?: readonly string[];
  readonly facts?: Partial<ReleaseFacts>;
}

/** Stages and commits a release whose tree has these files. */
export async function commitOne(releases: Releases, making: Making = {}): Promise<Release> {
  const staged = await releases.stage();
  for (const [path, content] of Object.entries({'server.js': 'serve()', ...making.files})) {
    await mkdir(dirname(join(staged.dir, path)), {recursive: true});
    await writeFile(join(staged.dir, path), content);
  }
  await staged.linkPersistent(making.persistent ?? []);
  return staged.commit({
    digest: `sha256-${staged.number}`,
    name: 'shop',
    version: `1.${staged.number}.0`,
    config: 0,
    ...making.facts,
  });
}

/** The same, activated and proved. */
export async function deployOne(releases: Releases, making: Making = {}): Promise<Release> {
  const release = await commitOne(releases, making);
  await releases.activate(release);
  return releases.markGood(release);
}
