import type {BuildEvent} from './build-event.ts';
import {byteText, fileCount} from './byte-text.ts';

/** Where time and space went, for a person, in lines. */
export function buildSummary(event: Extract<BuildEvent, {type: 'build:packed'}>): string {
  const {bytes, contents, phases, packages} = event;
  // What took no time is not worth a word.
  const times = phases
    .filter(({seconds}) => seconds >= 0.05)
    .map(({name, seconds}) => `${name} ${seconds.toFixed(1)} s`);
  const lines = [
    `packed ${fileCount(contents.entries)} of ${byteText(contents.bytes)} into ${byteText(bytes)}`,
  ];
  if (times.length > 0) lines.push(`took ${times.join(', ')}`);
  if (packages.length > 0) lines.push('largest packages:', ...table(packages));
  return lines.join('\n');
}

function table(packages: readonly {readonly name: string; readonly bytes: number}[]): string[] {
  const rows = packages.map(({name, bytes}) => ({name, size: byteText(bytes)}));
  const width = Math.max(...rows.map(({size}) => size.length));
  return rows.map(({name, size}) => `  ${size.padStart(width)}  ${name}`);
}
