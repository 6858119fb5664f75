import {ExportFault} from '../fault.ts';
import {xmlText} from './escape.ts';
import {type Element, readXml} from './read.ts';

export type PlistValue =
  | string
  | number
  | boolean
  | readonly PlistValue[]
  | {readonly [key: string]: PlistValue};

/** Lines of a plist value (plist(5)). */
export function plistLines(value: PlistValue, indent = ''): string[] {
  if (typeof value === 'string') return [`${indent}<string>${xmlText(value)}</string>`];
  if (typeof value === 'number') return [`${indent}<integer>${value}</integer>`];
  if (typeof value === 'boolean') return [`${indent}<${value}/>`];
  const deeper = `${indent}  `;
  if (Array.isArray(value))
    return [
      `${indent}<array>`,
      ...value.flatMap((one) => plistLines(one as PlistValue, deeper)),
      `${indent}</array>`,
    ];
  const entries = Object.entries(value as Record<string, PlistValue>);
  return [
    `${indent}<dict>`,
    ...entries.flatMap(([key, one]) => [`${deeper}<key>${xmlText(key)}</key>`, ...plistLines(one, deeper)]),
    `${indent}</dict>`,
  ];
}

function valueOf(file: string, {name, text, children}: Element): PlistValue {
  if (name === 'string') return text;
  if (name === 'integer') return Number(text);
  if (name === 'true' || name === 'false') return name === 'true';
  if (name === 'array') return children.map((child) => valueOf(file, child));
  if (name !== 'dict') throw new ExportFault('EXPORT_MISMATCH', `${file}: a plist has no <${name}>`);
  const pairs: [string, PlistValue][] = [];
  for (let at = 0; at + 1 < children.length; at += 2)
    pairs.push([children[at]!.text, valueOf(file, children[at + 1]!)]);
  return Object.fromEntries(pairs);
}

export function readPlist(file: string, document: string): PlistValue {
  const [value] = readXml(file, document).children;
  if (!value) throw new ExportFault('EXPORT_MISMATCH', `${file}: the plist is empty`);
  return valueOf(file, value);
}
