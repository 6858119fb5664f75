import {ExportFault} from '../fault.ts';
import {xmlHolds, xmlText} from '../xml/escape.ts';

/** WinSW replaces `%NAME%` in every text, and there is no escape; but a variable of its own can be the sign itself. */
export const PERCENT = 'KEELSON_PERCENT';
const REFERENCE = `%${PERCENT}%`;

export function withoutReferences(text: string): string {
  return text.replaceAll('%', REFERENCE);
}

/** Undoes it. Faults: EXPORT_MISMATCH, for what WinSW would replace. */
export function readReferences(file: string, text: string): string {
  const plain = text.replaceAll(REFERENCE, '');
  if (!plain.includes('%')) return text.replaceAll(REFERENCE, '%');
  throw new ExportFault('EXPORT_MISMATCH', `${file}: WinSW would replace a variable`);
}

/** XML text. Faults: EXPORT_VALUE, for control characters. */
export function element(text: string, where: string): string {
  if (xmlHolds(text)) return xmlText(text);
  throw new ExportFault('EXPORT_VALUE', `${where} holds a control character, which XML cannot`, {
    hint: 'Keep such bytes in a file, or encode them (for example as base64).',
  });
}

/** A path of the model on Windows: `/c/srv/shop` is `C:\srv\shop`, `/srv/shop` is `\srv\shop` on the drive of the service. */
export function windowsPath(path: string): string {
  if (/[\\<>:"|?*]/.test(path)) {
    throw new ExportFault('EXPORT_VALUE', `${path} is no path of Windows`, {
      hint: 'None of \\ < > : " | ? * may stand in it; C:\\srv is written /c/srv.',
    });
  }
  return path
    .replace(/^\/([a-z])(?=\/|$)/, (_, drive: string) => `${drive.toUpperCase()}:`)
    .replaceAll('/', '\\');
}

/** Words as one command line: what CommandLineToArgvW of Windows reads as exactly them. */
export function commandLine(words: readonly string[]): string {
  return words
    .map((word) => {
      const escaped = word.replace(/(\\*)(?:"|$)/g, (found, slashes: string) =>
        found.endsWith('"') ? `${slashes}${slashes}\\"` : `${slashes}${slashes}`,
      );
      return `"${escaped}"`;
    })
    .join(' ');
}

/** The words of a command line, by the rules of CommandLineToArgvW for what follows the program. */
export function readCommandLine(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const slashes = /^\\*/.exec(line.slice(at))![0].length;
    if (slashes > 0) {
      const quote = line[at + slashes] === '"';
      word = (word ?? '') + '\\'.repeat(quote ? Math.floor(slashes / 2) : slashes);
      at += slashes - 1;
      if (!quote) continue;
      at++;
      if (slashes % 2 === 1) word += '"';
      else quoted = !quoted;
    } else if (line[at] === '"') {
      word ??= '';
      quoted = !quoted;
    } else if (!quoted && /[ \t]/.test(line[at]!)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + line[at]!;
  }
  return word === undefined ? words : [...words, word];
}
