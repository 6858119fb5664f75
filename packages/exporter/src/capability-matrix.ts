import type {Capabilities, CapabilityStatus, Field} from './capability-report.ts';
import {FIELDS} from './formats/capabilities.ts';
import {FORMAT_NAMES, FORMATS, type Format} from './formats/table.ts';

/** What every format makes of every field, where the value does not matter. */
export async function capabilityMatrix(): Promise<Readonly<Record<Format, Capabilities>>> {
  const columns: [Format, Capabilities][] = [];
  for (const format of FORMAT_NAMES) columns.push([format, (await FORMATS[format]()).CAPABILITIES]);
  return Object.fromEntries(columns) as Record<Format, Capabilities>;
}

const LETTERS: Readonly<Record<CapabilityStatus, string>> = {
  native: '●',
  launcher: '◐',
  emulated: '◑',
  approximate: '≈',
  unsupported: '·',
};

function shown(field: Field): string {
  return field.replace(/^processes\./, '');
}

/** The matrix as a Markdown table: ● native, ◐ launcher, ◑ emulated, ≈ approximate, · unsupported. */
export function matrixLines(matrix: Readonly<Partial<Record<Format, Capabilities>>>): string[] {
  const formats = Object.entries(matrix);
  return [
    `| | ${formats.map(([format]) => format).join(' | ')} |`,
    `| --- | ${formats.map(() => ':-:').join(' | ')} |`,
    ...FIELDS.filter((field) => field !== 'schema').map((field) => {
      const owner = field.startsWith('processes.') ? '' : 'app: ';
      return `| ${owner}${shown(field)} | ${formats.map(([, row]) => LETTERS[row![field].status]).join(' | ')} |`;
    }),
  ];
}
