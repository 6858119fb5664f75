type State =
  | 'before key'
  | 'key'
  | 'before value'
  | 'value'
  | 'value escape'
  | 'single quotes'
  | 'double quotes'
  | 'double quotes escape'
  | 'comment'
  | 'comment escape';

const isNewline = (letter: string) => letter === '\n' || letter === '\r';
const isBlank = (letter: string) => /[ \t\n\r]/.test(letter);

interface Reading {
  key: string;
  value: string;
  /** Length of the value without the blanks at its end that no quote protects. */
  kept: number;
}

/**
 * Variables of an `EnvironmentFile=` as systemd reads it: the states and rules of parse_env_file_internal() in its
 * src/basic/env-file.c, which differ from every dotenv reader.
 */
export function parseEnvironmentFile(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let state: State = 'before key';
  let now: Reading = {key: '', value: '', kept: 0};
  const push = () => {
    if (state !== 'before key' && state !== 'key' && !state.startsWith('comment')) {
      found.set(now.key.trimEnd(), now.value.slice(0, now.kept));
    }
    now = {key: '', value: '', kept: 0};
  };
  const keep = (letters: string) => {
    now.value += letters;
    now.kept = now.value.length;
  };
  const steps: Record<State, (letter: string) => State> = {
    'before key': (letter) => {
      if (letter === '#' || letter === ';') return 'comment';
      if (isBlank(letter)) return 'before key';
      now.key = letter;
      return 'key';
    },
    key: (letter) => {
      if (isNewline(letter)) return end();
      if (letter === '=') return 'before value';
      now.key += letter;
      return 'key';
    },
    'before value': (letter) => {
      if (isNewline(letter)) return end();
      if (letter === "'") return 'single quotes';
      if (letter === '"') return 'double quotes';
      if (letter === '\\') return 'value escape';
      if (isBlank(letter)) return 'before value';
      keep(letter);
      return 'value';
    },
    value: (letter) => {
      if (isNewline(letter)) return end();
      if (letter === '\\') return 'value escape';
      if (isBlank(letter)) now.value += letter;
      else keep(letter);
      return 'value';
    },
    'value escape': (letter) => {
      if (!isNewline(letter)) keep(letter);
      return 'value';
    },
    'single quotes': (letter) => {
      if (letter === "'") return 'before value';
      keep(letter);
      return 'single quotes';
    },
    'double quotes': (letter) => {
      if (letter === '"') return 'before value';
      if (letter === '\\') return 'double quotes escape';
      keep(letter);
      return 'double quotes';
    },
    'double quotes escape': (letter) => {
      if (/["\\`$]/.test(letter)) keep(letter);
      else if (letter !== '\n') keep(`\\${letter}`);
      return 'double quotes';
    },
    comment: (letter) => (letter === '\\' ? 'comment escape' : isNewline(letter) ? 'before key' : 'comment'),
    'comment escape': () => 'comment',
  };
  const end = (): State => {
    push();
    return 'before key';
  };
  for (const letter of text) state = steps[state](letter);
  push();
  return found;
}
