import {ExportFault} from '../fault.ts';

// oxlint-disable no-control-regex -- control characters are what this is about

export type HclValue = string | number | boolean | readonly HclValue[] | {readonly [key: string]: HclValue};

/** `name "label" { … }`; a block that is undefined is left out. */
export interface HclBlock {
  readonly block: string;
  readonly labels?: readonly string[] | undefined;
  readonly values?: Readonly<Record<string, HclValue | undefined>> | undefined;
  readonly blocks?: readonly (HclBlock | undefined)[] | undefined;
}

const NAMED: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/**
 * A quoted template of HCL's native syntax that is exactly this text: `$${` is `${`, `%%{` is `%{`.
 * Faults: EXPORT_VALUE, for text that HCL would change: every string of it becomes Unicode's composed form.
 */
export function hclText(text: string): string {
  if (text.normalize('NFC') !== text) {
    throw new ExportFault('EXPORT_VALUE', 'a value holds letters that HCL would compose (Unicode NFC)', {
      hint: 'Write it in composed form, or encode it (for example as base64).',
    });
  }
  const escaped = text
    .replace(
      /[\\"\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/g,
      (letter) => NAMED[letter] ?? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    .replaceAll('${', '$$${')
    .replaceAll('%{', '%%{');
  return `"${escaped}"`;
}

function valueText(value: HclValue): string {
  if (typeof value === 'string') return hclText(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map((one) => valueText(one as HclValue)).join(', ')}]`;
  const pairs = Object.entries(value).map(([key, one]) => `${hclText(key)} = ${valueText(one)}`);
  return `{ ${pairs.join(', ')} }`;
}

/** Lines of a block and of what is in it. */
export function hclLines({block, labels = [], values = {}, blocks = []}: HclBlock, indent = ''): string[] {
  const deeper = `${indent}  `;
  return [
    `${indent}${[block, ...labels.map(hclText)].join(' ')} {`,
    ...Object.entries(values).flatMap(([key, value]) =>
      value === undefined ? [] : [`${deeper}${key} = ${valueText(value)}`],
    ),
    ...blocks.flatMap((one) => (one ? hclLines(one, deeper) : [])),
    `${indent}}`,
  ];
}
