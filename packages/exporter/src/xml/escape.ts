// oxlint-disable no-control-regex -- control characters are what this is about

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** What XML 1.0 2.2 has no way to write, not even as a reference. */
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

export function xmlHolds(text: string): boolean {
  return !UNWRITABLE.test(text);
}

/** Text of an element or an attribute; a reader would change line ends (2.11) and blanks of attributes (3.3.3) but for references. */
export function xmlText(text: string): string {
  return text
    .replace(/[&<>"']/g, (letter) => ENTITIES[letter]!)
    .replace(/[\t\n\r\u007f-\u009f\u2028]/g, (letter) => `&#${letter.codePointAt(0)};`);
}
