import {isUtf8} from 'node:buffer';

// RFC 3629 §4, byte by byte; what matches none of it is the group.
const CHARACTER_OR_BYTE =
  // oxlint-disable-next-line no-control-regex
  /[\0-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|([\x80-\xff])/g;

/** Whether bytes, one character each, are UTF-8. ASCII is told by its length, without a copy. */
export function isUtf8Text(text: string): boolean {
  return Buffer.byteLength(text, 'utf8') === text.length || isUtf8(Buffer.from(text, 'latin1'));
}

/** Each byte that is not part of a UTF-8 character as the text `\xff`, `before` being the backslash or what stands for it. */
export function escapeBytes(text: string, before = '\\'): string {
  if (isUtf8Text(text)) return text;
  return text.replace(CHARACTER_OR_BYTE, (character, byte: string | undefined) =>
    byte === undefined ? character : `${before}x${byte.charCodeAt(0).toString(16)}`,
  );
}
