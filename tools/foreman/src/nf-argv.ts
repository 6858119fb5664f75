/** Has no counterpart. Not a UsageError, whose package would be loaded for every start. */
export class NfUsage extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** What a word of node-foreman's command line becomes. */
type Rewrite =
  | {readonly takes: 'nothing'; readonly to: readonly string[]}
  | {readonly takes: 'value'; readonly to: (value: string) => readonly string[]};

const flag = (...to: string[]): Rewrite => ({takes: 'nothing', to});
const value = (name: string): Rewrite => ({takes: 'value', to: (text) => [`--${name}=${text}`]});
const refused = (word: string, instead: string): Rewrite => ({
  takes: 'value',
  to: () => {
    throw new NfUsage(`${word} of node-foreman is not taken over`, instead);
  },
});

/** Understood in front of the command, too. */
const GLOBAL: Readonly<Record<string, Rewrite>> = {
  // node-foreman stays where it is, wherever its Procfile is.
  procfile: {takes: 'value', to: (text) => [`--procfile=${text}`, '--root=.']},
  env: value('env'),
  port: value('port'),
};

const GLOBAL_LETTERS = {j: 'procfile', e: 'env', p: 'port'};

interface Command {
  readonly options: Readonly<Record<string, Rewrite>>;
  readonly letters: Readonly<Record<string, string>>;
}

const START: Command = {
  options: {
    showenvs: flag('--show-env'),
    proxy: value('proxy'),
    'ssl-key': value('ssl-key'),
    'ssl-cert': value('ssl-cert'),
    forward: value('forward'),
    intercept: value('intercept'),
    raw: flag('--raw'),
    trim: {takes: 'value', to: (text) => (text === '0' ? [] : [`--trim=${text}`])},
    wrap: flag('--wrap'),
  },
  letters: {s: 'showenvs', x: 'proxy', f: 'forward', i: 'intercept', r: 'raw', t: 'trim', w: 'wrap'},
};

const RUN: Command = {options: {showenvs: flag('--show-env')}, letters: {s: 'showenvs'}};

const EXPORT: Command = {
  options: {
    app: value('app'),
    user: value('user'),
    gid: value('group'),
    out: value('out'),
    // A directory there; a file of each process here.
    log: {takes: 'value', to: (text) => [`--log=${text.replace(/\/+$/, '')}/{process}-{n}.log`]},
    template: refused('--template', 'its templates are of another language: see `nf export eject systemd`'),
    procfile: value('procfile'),
  },
  letters: {a: 'app', u: 'user', g: 'gid', o: 'out', c: 'cwd', l: 'log', t: 'type', m: 'template'},
};

const COMMANDS: Readonly<Record<string, Command>> = {start: START, run: RUN, export: EXPORT};

/** A word taken apart: an option by its long name, or what is none. */
type Token = {readonly name: string; readonly value: string | undefined} | {readonly word: string};

/**
 * A command line of node-foreman 3.0.1 (`nf`) as one of ours. What is ours already stays as it is, and so does everything behind
 * the command of `run`. Throws NfUsage for what has no counterpart.
 */
export function nfArgv(argv: readonly string[]): string[] {
  const at = commandAt(argv);
  const word = argv[at];
  if (word === undefined) return at === 0 ? [] : [...argv];
  const command = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
  if (command === undefined) return [...argv];
  const before = rewriteAll(argv.slice(0, at), {options: {}, letters: {}});
  const after = argv.slice(at + 1);
  if (command === EXPORT) return rewriteExport([...argv.slice(0, at), ...after]);
  if (command === START) return ['start', ...before.argv, ...rewriteAll(after, START).argv];
  const own = rewriteAll(after, RUN, {stopAtWord: true});
  return ['run', ...before.argv, ...own.argv, ...own.rest];
}

/** Where the command stands, behind options in front of it. */
function commandAt(argv: readonly string[]): number {
  let at = 0;
  for (; at < argv.length; at++) {
    const word = argv[at]!;
    if (!word.startsWith('-') || word === '--') break;
    const [token] = tokensOf(word, GLOBAL_LETTERS);
    if (token === undefined || 'word' in token || !Object.hasOwn(GLOBAL, token.name)) return at;
    if (token.value === undefined) at++;
  }
  return at;
}

function rewriteAll(
  argv: readonly string[],
  {options, letters}: Command,
  {stopAtWord = false} = {},
): {readonly argv: string[]; readonly rest: readonly string[]} {
  const known = {...GLOBAL, ...options};
  const rewritten: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (word === '--' || (stopAtWord && !word.startsWith('-')))
      return {argv: rewritten, rest: argv.slice(at)};
    for (const token of tokensOf(word, {...GLOBAL_LETTERS, ...letters})) {
      if ('word' in token || !Object.hasOwn(known, token.name)) {
        rewritten.push('word' in token ? token.word : word);
        continue;
      }
      const rewrite = known[token.name]!;
      if (rewrite.takes === 'nothing') rewritten.push(...rewrite.to);
      else rewritten.push(...rewrite.to(token.value ?? argv[++at] ?? missing(word)));
    }
  }
  return {argv: rewritten, rest: []};
}

/** `--name=value`, `-n value`, `-nvalue` and `-rs`, as commander reads them. */
function tokensOf(word: string, letters: Readonly<Record<string, string>>): Token[] {
  const long = /^--([a-z-]+)(?:=(.*))?$/s.exec(word);
  if (long !== null) return [{name: long[1]!, value: long[2]}];
  const short = /^-([a-zA-Z])(.*)$/s.exec(word);
  const name = short === null ? undefined : letters[short[1]!];
  if (short === null || name === undefined) return [{word}];
  const rest = short[2]!;
  if (rest === '') return [{name, value: undefined}];
  if (takesNothing(name)) return [{name, value: undefined}, ...tokensOf(`-${rest}`, letters)];
  return [{name, value: rest.replace(/^=/, '')}];
}

function takesNothing(name: string): boolean {
  return START.options[name]?.takes === 'nothing';
}

function missing(word: string): never {
  throw new NfUsage(`${word} needs a value`, 'nf --help lists the commands');
}

const OUR_FORMATS = new Set(
  `eject systemd runit s6 daemontools supervisord launchd upstart upstart-single inittab smf openrc sysv pm2 compose
   kubernetes nomad quadlet rc.d monit winsw json`.split(/\s+/),
);

/** `export [PROCS] -t TYPE -c DIR` → `export TYPE DIR --formation PROCS`. */
function rewriteExport(argv: readonly string[]): string[] {
  let type = 'upstart';
  let dir: string | undefined;
  const own: Command = {
    letters: EXPORT.letters,
    options: {
      ...EXPORT.options,
      type: {takes: 'value', to: (text) => ((type = text), [])},
      cwd: {takes: 'value', to: (text) => ((dir = text), [])},
    },
  };
  const {argv: rewritten} = rewriteAll(argv, own);
  const words = rewritten.filter((word) => !word.startsWith('-'));
  if (OUR_FORMATS.has(words[0] ?? '')) return ['export', ...rewritten]; // that is our own way to say it
  const flags = rewritten.filter((word) => word.startsWith('-'));
  if (flags.includes('--help') || flags.includes('-h')) return ['export', '--help'];
  const out = flags.some((word) => word.startsWith('--out')) ? [] : ['--out=.'];
  const formation = words.length === 0 ? [] : [`--formation=${words.join(',')}`];
  return ['export', type, ...(dir === undefined ? [] : [dir]), ...flags, ...out, ...formation];
}
