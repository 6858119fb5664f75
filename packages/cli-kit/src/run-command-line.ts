import {Config} from '@oclif/core';

import type {CommandTable} from './command-table.ts';

/** What a bin knows about its package. */
export interface Program {
  readonly root: string;
  readonly name: string;
  readonly version: string;
}

/** Resolves the command, runs it, and sets the exit code. */
export async function runCommandLine(program: Program, table: CommandTable, argv: string[]): Promise<void> {
  const config = new Config({root: program.root});
  let words = table;
  let rest = argv;
  for (;;) {
    const own = rest[0] !== undefined && Object.hasOwn(words, rest[0]);
    const load = words[own ? rest[0]! : ''];
    if (load === undefined) throw new Error(`no command ${rest[0] ?? ''}`);
    if (own) rest = rest.slice(1);
    const found = await load();
    if ('default' in found) {
      const command = new found.default(rest, config);
      await command.run();
      return;
    }
    words = found.commands;
  }
}
