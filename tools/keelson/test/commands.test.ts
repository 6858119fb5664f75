import {expect, test} from '@jest/globals';
import type {CommandClass, CommandTable} from '@keelson/cli-kit';

import {commands, groups} from '../dist/commands.js';

async function walk(table: CommandTable, words: readonly string[]): Promise<[string, CommandClass][]> {
  const found: [string, CommandClass][] = [];
  for (const [word, load] of Object.entries(table)) {
    const path = word === '' ? words : [...words, word];
    const module = await load();
    if ('default' in module) found.push([path.join(' '), module.default]);
    else found.push(...(await walk(module.commands, path)));
  }
  return found;
}

const all = await walk(commands, []);

interface Flag {
  readonly type: 'boolean' | 'option';
  readonly char?: string;
  readonly hidden?: boolean;
  readonly summary?: string;
  readonly description?: string;
  readonly multiple?: boolean;
  readonly multipleNonGreedy?: boolean;
}

function flagsOf(command: CommandClass): [string, Flag][] {
  return Object.entries({...command.baseFlags, ...command.flags} as Record<string, Flag>).filter(
    ([, flag]) => flag.hidden !== true,
  );
}

test('every word stands under one heading, and every heading has words of the table', () => {
  const listed = (groups ?? []).flatMap(({words}) => words);
  expect([...listed].sort()).toEqual(Object.keys(commands).sort());
});

test.each(all)('keelson %s says in one short sentence what it does', (_, {summary}) => {
  expect(summary).toMatch(/^[A-Z].{8,98}\.$/);
});

test.each(all)('keelson %s explains its arguments and flags', (_, command) => {
  const explained = [
    ...Object.entries(command.args).map(([name, {description}]) => [name, description]),
    ...flagsOf(command).map(([name, {description, summary}]) => [name, summary ?? description]),
  ];
  expect(explained.filter(([, text]) => text === undefined || text.length < 8)).toEqual([]);
});

test.each(all)('keelson %s has flags that can be told apart, in kebab case', (_, command) => {
  const flags = flagsOf(command);
  const letters = flags.map(([, {char}]) => char).filter((char) => char !== undefined);
  expect(letters.filter((char, index) => letters.indexOf(char) !== index)).toEqual([]);
  expect(flags.filter(([name]) => !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))).toEqual([]);
});

test.each(all)('keelson %s never takes more words than were meant for a flag', (_, command) => {
  const greedy = flagsOf(command).filter(
    ([, {multiple, multipleNonGreedy}]) => multiple === true && multipleNonGreedy !== true,
  );
  expect(greedy).toEqual([]);
});

test.each(all)('keelson %s names in its examples the bin that it is called by', (_, command) => {
  const lines = [command.examples ?? []]
    .flat()
    .map((example) => (typeof example === 'string' ? example : example.command));
  expect(lines.filter((line) => !line.includes('<%= config.bin %>'))).toEqual([]);
});
