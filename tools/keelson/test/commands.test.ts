import {describe, expect, test} from '@jest/globals';
import type {CommandClass, CommandTable} from '@keelson/cli-kit';

import {commands, groups} from '../dist/commands.js';

interface Found {
  readonly words: string;
  readonly command: CommandClass;
}

async function walk(table: CommandTable, words: readonly string[]): Promise<Found[]> {
  const found: Found[] = [];
  for (const [word, load] of Object.entries(table)) {
    const path = word === '' ? words : [...words, word];
    const module = await load();
    if ('default' in module) found.push({words: path.join(' '), command: module.default});
    else found.push(...(await walk(module.commands, path)));
  }
  return found;
}

const all = await walk(commands, []);

test('every word stands under one heading, and every heading has words of the table', () => {
  const listed = (groups ?? []).flatMap(({words}) => words);
  expect([...listed].sort()).toEqual(Object.keys(commands).sort());
});

describe.each(all.map(({command, words}) => [words, command] as const))('keelson %s', (_, command) => {
  test('says in one short sentence what it does', () => {
    expect(command.summary).toMatch(/^[A-Z].{8,98}[^.]$|^[A-Z].{8,98}\.$/);
  });

  test('explains its arguments and flags', () => {
    for (const [name, arg] of Object.entries(command.args)) {
      expect(`${name}: ${arg.description ?? ''}`).toMatch(/: [A-Z]/);
    }
    for (const [name, flag] of Object.entries({...command.flags})) {
      if (flag.hidden !== true)
        expect(`${name}: ${flag.summary ?? flag.description ?? ''}`).toMatch(/: [A-Z]/);
    }
  });

  test('has flags that can be told apart, in kebab case', () => {
    const flags = Object.entries({...command.baseFlags, ...command.flags});
    const letters = flags.flatMap(([, flag]) => (flag.char === undefined ? [] : [flag.char as string]));
    expect(new Set(letters).size).toBe(letters.length);
    for (const [name] of flags) expect(name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
  });

  test('never takes more words than were meant for a flag', () => {
    for (const flag of Object.values({...command.flags})) {
      if (flag.type === 'option' && flag.multiple === true) expect(flag.multipleNonGreedy).toBe(true);
    }
  });

  test('shows by an example how it is called, whatever the bin', () => {
    const examples = [command.examples ?? []].flat();
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const line = typeof example === 'string' ? example : example.command;
      expect(line).toContain('<%= config.bin %>');
    }
  });
});
