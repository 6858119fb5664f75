import {resolve} from 'node:path';
import {stripVTControlCharacters} from 'node:util';
import type {LaunchSpec} from './launch-spec.ts';
import {redactCredentials} from './redact-credentials.ts';
import type {Output} from './run.ts';

const LAST_LINES = 10;
const LAST_CHARACTERS = 16_384;
const LINE_LENGTH = 400;

/** What ran, where, how it ended, and the last lines it said (on stderr; on stdout when stderr is empty), safe to show. */
export function describeExit(spec: LaunchSpec, how: string, output: Output): string {
  const words = spec.shell ? [spec.command] : [spec.command, ...(spec.args ?? [])];
  const command = presentable(words.join(' ').slice(0, LAST_CHARACTERS)).replaceAll('\n', ' ');
  const said = lastLines(output.stderr) || lastLines(output.stdout);
  const title = `\`${shorten(command)}\` ${how} (in ${resolve(spec.cwd ?? '.')})`;
  return said === '' ? title : `${title}:\n${said}`;
}

function lastLines(text: string): string {
  const tail = text.slice(-LAST_CHARACTERS);
  // Cut in the middle of a line, what was before `://` is lost, and with it the way to see a password: drop that line.
  const whole = tail.length < text.length ? tail.slice(tail.indexOf('\n') + 1) : tail;
  return presentable(whole)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-LAST_LINES)
    .map((line) => `  ${shorten(line)}`)
    .join('\n');
}

// Control characters go first: one inside of a URL would hide its credentials from the redaction.
function presentable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return redactCredentials(stripVTControlCharacters(text).replace(/[\0-\x08\x0b-\x1f\x7f]/g, ''));
}

function shorten(line: string): string {
  return line.length > LINE_LENGTH ? `${line.slice(0, LINE_LENGTH)}…` : line;
}
