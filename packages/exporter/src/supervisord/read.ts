import {ExportFault} from '../fault.ts';

// oxlint-disable no-control-regex -- what Python takes for the end of a line

/** Sections of a supervisord file: ConfigParser without continued lines, `%%` undone. */
export function readSections(file: string, text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  for (const line of text.split(/\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/)) {
    if (/^\s*([;#]|$)/.test(line)) continue;
    const heading = /^\[([^\]]+)\]$/.exec(line);
    const [, key, value] = /^([a-z_]+)=(.*)$/.exec(line) ?? [];
    if (heading) {
      section = new Map();
      sections.set(heading[1]!, section);
    } else if (section && key !== undefined && value !== undefined && !section.has(key)) {
      const plain = value.replace(/\s[;#].*$/, '').trim();
      if (!/^(?:[^%]|%%)*$/.test(plain))
        throw new ExportFault('EXPORT_MISMATCH', `${file}: supervisord would format ${key}=`);
      section.set(key, plain.replaceAll('%%', '%'));
    } else
      throw new ExportFault('EXPORT_MISMATCH', `${file}: supervisord would not read ${JSON.stringify(line)}`);
  }
  return sections;
}

/** `NAME="value",…` as supervisord splits it. */
export function readEnvironment(text: string): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [, name, , value] of text.matchAll(/([A-Za-z_][A-Za-z0-9_]*)=(["'])(.*?)\2(?:,|$)/gs))
    env[name!] = value!;
  return env;
}

/** Words of a command as Python's shlex reads them. */
export function readWords(text: string): string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map(([, word]) => word!.replace(/\\(["\\])/g, '$1'));
}
