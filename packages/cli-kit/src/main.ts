import {readFileSync} from 'node:fs';
import {basename} from 'node:path';
import {fileURLToPath} from 'node:url';

import type {CommandFolder} from '@keelson/cli-kit';

interface PackageFacts {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
}

/**
 * Body of every bin. Answers `--version` before anything else is loaded.
 * @param url `import.meta.url` of the bin file, which lies in a folder of its package's root
 * @param loadCommands imports the package's command table
 */
export async function main(url: string, loadCommands: () => Promise<CommandFolder>): Promise<void> {
  const bin = basename(fileURLToPath(url), '.js');
  const root = fileURLToPath(new URL('..', url));
  const argv = process.argv.slice(2);
  let loading: Promise<CommandFolder>;
  try {
    if (argv[0]?.startsWith('-') && (await import('../version.cjs')).answerVersion(root, argv)) return;
    loading = loadCommands();
  } catch (error) {
    loading = Promise.reject(error);
  }
  loading.catch(() => undefined);
  const facts = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as PackageFacts;
  const {description = '', name, version} = facts;
  const {runCommandLine} = await import('@keelson/cli-kit');
  await runCommandLine({root, bin, name, version, description}, loading, argv);
}
