import {basename} from 'node:path';
import {fileURLToPath} from 'node:url';

import type {CommandFolder} from '@keelson/cli-kit';
import {answerVersion, factsOf} from '../version.cjs';

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
    if (answerVersion(root, argv)) return;
    loading = loadCommands();
  } catch (error) {
    loading = Promise.reject(error);
  }
  loading.catch(() => undefined);
  const {runCommandLine} = await import('@keelson/cli-kit');
  const {description = '', name, version} = factsOf(root);
  await runCommandLine({root, bin, name, version, description}, loading, argv);
}
