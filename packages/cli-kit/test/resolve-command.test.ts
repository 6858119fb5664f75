import {describe, expect, test} from '@jest/globals';
import type {CommandClass, CommandTable} from '@keelson/cli-kit';

import {resolveCommand, type Resolution} from '../dist/resolve-command.js';

const loaded: string[] = [];
function command(name: string, statics: object = {}): CommandTable[string] {
  const Class = {name, flags: {}, baseFlags: {}, runLike: false, ...statics} as unknown as CommandClass;
  return () => {
    loaded.push(name);
    return Promise.resolve({default: Class});
  };
}

const folder = (commands: CommandTable) => () => Promise.resolve({commands});

const root: CommandTable = {
  build: folder({'': command('Build')}),
  deploy: folder({'': command('Deploy'), rollback: command('Rollback'), releases: command('Releases')}),
  procfile: folder({check: command('Check'), list: command('List')}),
  tag: folder({'': command('Tag', {runLike: true, flags: {tag: {type: 'option', char: 't'}}})}),
  host: command('Host', {flags: {host: {type: 'option', char: 'h'}}}),
};

function resolve(line: string, commands = root): Promise<Resolution> {
  const argv = line.split(' ').filter((word) => word !== '');
  return resolveCommand({commands}, {bin: 'keelson', words: [], argv});
}

function told(found: Resolution): string {
  const name = 'command' in found && found.command !== undefined ? found.command.name : '-';
  const argv = found.kind === 'command' ? found.argv.join(' ') : '';
  return [found.kind, found.words.join('/'), name, argv].join(' ').trim();
}

describe('resolveCommand', () => {
  test.each([
    ['build . --out x', 'command build Build . --out x'],
    ['build', 'command build Build'],
    ['build whatever', 'command build Build whatever'],
    ['procfile check Procfile', 'command procfile/check Check Procfile'],
    ['deploy ./app.tgz', 'command deploy Deploy ./app.tgz'],
    ['deploy app.tgz', 'command deploy Deploy app.tgz'],
    ['deploy -', 'command deploy Deploy -'],
    ['deploy --dry-run x', 'command deploy Deploy --dry-run x'],
    ['deploy rollback 3', 'command deploy/rollback Rollback 3'],
    ['deploy', 'command deploy Deploy'],
    ['', 'incomplete  -'],
    ['procfile', 'incomplete procfile -'],
    ['--help', 'help  -'],
    ['-h', 'help  -'],
    ['help', 'help  -'],
    ['help --help', 'help  -'],
    ['help build', 'help build Build'],
    ['help deploy rollback', 'help deploy/rollback Rollback'],
    ['help procfile', 'help procfile -'],
    ['procfile --help', 'help procfile -'],
    ['procfile help check', 'help procfile/check Check'],
    ['deploy --help', 'help deploy Deploy'],
    ['deploy help', 'help deploy Deploy'],
    ['deploy app.tgz -h', 'help deploy Deploy'],
    ['build -- --help', 'command build Build -- --help'],
    ['tag --help', 'help tag Tag'],
    ['tag -t --help node', 'help tag Tag'],
    ['tag node --help', 'command tag Tag node --help'],
    ['host -h 0.0.0.0', 'command host Host -h 0.0.0.0'],
    ['host --help', 'help host Host'],
  ])('keelson %s: %s', async (line, expected) => {
    expect(told(await resolve(line))).toBe(expected);
  });

  test.each([
    ['biuld', 'there is no command `keelson biuld`', 'did you mean `keelson build`?'],
    ['frob', 'there is no command `keelson frob`', 'keelson --help lists the commands.'],
    [
      'deploy rolback',
      'there is no command `keelson deploy rolback`',
      'did you mean `keelson deploy rollback`? A file of that name is written ./rolback',
    ],
    [
      'procfile chekc',
      'there is no command `keelson procfile chekc`',
      'did you mean `keelson procfile check`?',
    ],
    ['help biuld', 'there is no command `keelson biuld`', 'did you mean `keelson build`?'],
    ['--json build', '--json stands in front of the command', 'flags come after it: keelson COMMAND --json'],
    ['toString', 'there is no command `keelson toString`', 'keelson --help lists the commands.'],
  ])('keelson %s is refused', async (line, message, hint) => {
    await expect(resolve(line)).rejects.toMatchObject({name: 'UsageError', message, hint});
  });

  test('loads the class that is wanted and no other', async () => {
    loaded.length = 0;
    await resolve('deploy rollback');
    await resolve('procfile check');
    expect(loaded).toEqual(['Rollback', 'Check']);
  });

  test('the table of an own bin drops the word', async () => {
    const own: CommandTable = {'': command('Export'), diff: command('Diff')};
    expect(told(await resolve('./app --out x', own))).toBe('command  Export ./app --out x');
    expect(told(await resolve('diff', own))).toBe('command diff Diff');
  });
});
