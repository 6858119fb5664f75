import type {ReadProcess} from '../check-read-back.ts';
import {ExportFault} from '../fault.ts';
import type {Dropper} from './drop.ts';

/** Statements of a script, each its words with their quotes undone. Only what we write is understood. */
export function readStatements(file: string, script: string): string[][] {
  const statements: string[][] = [];
  let words: string[] = [];
  let word: string | undefined;
  const endWord = () => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  for (let at = 0; at < script.length; at++) {
    const letter = script[at]!;
    if (letter === '"') {
      // Ours hold nothing of the model but names of accounts; they stay as they are.
      const end = script.indexOf('"', at + 1);
      if (end < 0) throw new ExportFault('EXPORT_MISMATCH', `${file}: a quote has no end`);
      word = (word ?? '') + script.slice(at, end + 1);
      at = end;
    } else if (letter === "'") {
      const end = script.indexOf("'", at + 1);
      if (end < 0) throw new ExportFault('EXPORT_MISMATCH', `${file}: a quote has no end`);
      word = (word ?? '') + script.slice(at + 1, end);
      at = end;
    } else if (letter === '\\') word = (word ?? '') + (script[++at] ?? '');
    else if (letter === '\n') {
      endWord();
      if (words.length > 0) statements.push(words);
      words = [];
    } else if (letter === '#' && word === undefined) at += /^[^\n]*/.exec(script.slice(at))![0].length - 1;
    else if (/[ \t]/.test(letter)) endWord();
    else word = (word ?? '') + letter;
  }
  endWord();
  return words.length > 0 ? [...statements, words] : statements;
}

const WRAPPERS: Readonly<Record<string, number>> = {
  '/usr/bin/nice': 3,
  '/usr/bin/ionice': 3,
  '/usr/bin/setsid': 1,
  // timeout -k SECONDS 0
  '/usr/bin/timeout': 4,
};

function withoutWrappers(argv: readonly string[]): readonly string[] {
  const words = WRAPPERS[argv[0] ?? ''];
  return words === undefined ? argv : withoutWrappers(argv.slice(words));
}

/**
 * What a launcher would start, read by the quoting rules of POSIX sh and not by how we write it.
 * Faults: EXPORT_MISMATCH.
 */
export function readLauncher(file: string, script: string, dropper?: Dropper): ReadProcess {
  const env: Record<string, string> = {};
  const statements = readStatements(file, script);
  let cwd: string | undefined;
  for (const [first, ...rest] of statements) {
    if (first === 'cd') cwd = rest[0];
    if (first !== 'export') continue;
    const [, name = '', value = ''] = /^([^=]*)=([^]*)$/.exec(rest[0] ?? '') ?? [];
    if (rest.length !== 1) throw new ExportFault('EXPORT_MISMATCH', `${file}: ${name} is more than one word`);
    env[name] = value;
  }
  // Started in place of the shell, or beside it.
  const programs = statements.flatMap((words) => {
    if (words[0] === 'exec') return /^(>>|2>&1)/.test(words[1] ?? '') ? [] : [words.slice(1)];
    return words.at(-1) === '&' ? [words.slice(0, -1)] : [];
  });
  if (programs.length !== 1)
    throw new ExportFault('EXPORT_MISMATCH', `${file}: starts ${programs.length} programs`);
  const words = withoutWrappers(programs[0]!);
  const nobody = {user: undefined, group: undefined, rest: words};
  const dropped = dropper && words[0] === '"$drop"' ? dropper.read(words.slice(1)) : nobody;
  return {file, env, cwd, user: dropped.user, group: dropped.group, argv: dropped.rest};
}
