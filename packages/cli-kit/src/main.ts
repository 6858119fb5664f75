import {readFileSync, writeSync} from 'node:fs';
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
  const file = fileURLToPath(url);
  const root = fileURLToPath(new URL('..', url));
  const {
    description = '',
    name,
    version,
  } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as PackageFacts;
  const argv = process.argv.slice(2);
  let loading: Promise<CommandFolder>;
  if (argv[0] === '--version' || argv[0] === '-V') {
    try {
      // Without process.stdout, whose first use loads the streams.
      writeSync(1, `${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
      return;
    } catch (error) {
      // Nobody reads it: 128 + SIGPIPE, as the shell says it.
      if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(141);
      loading = Promise.reject(error);
    }
  } else {
    loading = loadCommands();
  }
  loading.catch(() => undefined);
  const {runCommandLine} = await import('@keelson/cli-kit');
  await runCommandLine({root, bin: basename(file, '.js'), name, version, description}, loading, argv);
}
