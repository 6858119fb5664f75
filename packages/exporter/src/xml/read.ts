import {ExportFault} from '../fault.ts';

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

interface Open {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  text: string;
}

const NAMED: Readonly<Record<string, string>> = {amp: '&', lt: '<', gt: '>', quot: '"', apos: "'"};
const TOKEN =
  /<\?[^]*?\?>|<!DOCTYPE[^>]*>|<(\/?)([A-Za-z_][\w.-]*)((?:\s+[\w.:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;

function decoded(text: string, file: string): string {
  return text.replace(/&([^;]*);/g, (_, entity: string) => {
    const code = /^#(?:x([0-9a-fA-F]+)|(\d+))$/.exec(entity);
    if (code) return String.fromCodePoint(parseInt(code[1] ?? code[2]!, code[1] ? 16 : 10));
    return NAMED[entity] ?? refuse(file, `&${entity};`);
  });
}

function refuse(file: string, what: string): never {
  throw new ExportFault(
    'EXPORT_MISMATCH',
    `${file}: no XML reader would take ${JSON.stringify(what.slice(0, 40))}`,
  );
}

/** The root element of a document as an XML 1.0 reader sees it. Faults: EXPORT_MISMATCH for what is not well-formed. */
export function readXml(file: string, document: string): Element {
  const top: Open = {name: '', attributes: {}, children: [], text: ''};
  const stack = [top];
  TOKEN.lastIndex = 0;
  // XML 1.0 2.11: line ends are one newline.
  const text = document.replace(/\r\n?/g, '\n');
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (!found) return refuse(file, text.slice(at));
    const [, closes, name, attributes = '', empty, data] = found;
    const parent = stack.at(-1)!;
    if (data !== undefined) parent.text += decoded(data, file);
    else if (closes) {
      if (stack.length < 2 || parent.name !== name) return refuse(file, found[0]);
      stack.pop();
    } else if (name !== undefined) {
      const element: Open = {name, attributes: {}, children: [], text: ''};
      for (const [, key, value] of attributes.matchAll(/([\w.:-]+)="([^"]*)"/g))
        element.attributes[key!] = decoded(value!.replace(/[\t\n]/g, ' '), file);
      parent.children.push(element);
      if (!empty) stack.push(element);
    }
  }
  const [root, second] = top.children;
  if (!root || second || stack.length > 1) return refuse(file, stack.at(-1)!.name);
  return root;
}
