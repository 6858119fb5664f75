import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

import type {CommandTable} from '@keelson/cli-kit';

/**
 * Body of every bin.
 * @param url `import.meta.url` of the bin file, which lies in a folder of its package's root
 * @param loadCommands the package's command table, loaded only when a command is wanted
 */
export async function main(
  url: string,
  loadCommands: () => Promise<{commands: CommandTable}>,
): Promise<void> {
  const root = fileURLToPath(new URL('..', url));
  const {name, version} = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
    name: string;
    version: string;
  };
  const argv = process.argv.slice(2);
  if (argv[0] === '--version' || argv[0] === '-V') {
    process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
    return;
  }
  const [{runCommandLine}, {commands}] = await Promise.all([import('@keelson/cli-kit'), loadCommands()]);
  await runCommandLine({root, name, version}, commands, argv);
}
