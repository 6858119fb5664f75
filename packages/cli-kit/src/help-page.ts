import {CommandHelp} from '@oclif/core/help';
import type {Command, Interfaces} from '@oclif/core';

import {wordsOf, type CommandClass, type CommandFolder} from './command-table.ts';
import {configOf, type Program} from './program.ts';

type Rows = [string, string | undefined][];

const OPTIONS: Interfaces.HelpOptions = {
  maxWidth: Math.min(process.stdout.columns || 100, 110),
  flagSortOrder: 'none',
  showFlagOptionsInTitle: true,
};

const HELP_FLAG = {
  name: 'help',
  char: 'h',
  type: 'boolean',
  allowNo: false,
  summary: 'Show this help.',
  helpGroup: 'GLOBAL',
} as const;

const JSON_FLAG = {
  name: 'json',
  type: 'boolean',
  allowNo: false,
  summary: 'Print the result as JSON on stdout.',
  helpGroup: 'GLOBAL',
} as const;

/** Words of a usage line; what stands in brackets stays together. */
function usageWords(line: string): string[] {
  return line.match(/(?:\[[^\]]*\]|\([^)]*\)|\S)+/g) ?? [];
}

/** Paragraphs, from a text that may be broken into lines for its author's sake; lists stay lists. */
function paragraphs(text: string): string {
  return text.trim().replace(/(?<!\n)\n(?![\n\s*-])/g, ' ');
}

/** oclif's help of a command: the summary once, a usage of what is the command's own, examples as they are typed. */
class HelpPage extends CommandHelp {
  protected override description(): string | undefined {
    const {description} = this.command;
    return description === undefined ? undefined : this.wrap(paragraphs(description));
  }

  protected override defaultUsage(): string {
    const {args, flags} = this.command;
    const own = Object.entries(flags).filter(([, flag]) => flag.helpGroup !== 'GLOBAL');
    const program = Object.values(args)[0];
    this.command.flags = Object.fromEntries(own);
    // Of a run-like command the program comes last: what follows it is the program's.
    if (this.command['runLike'] === true) this.command.args = {};
    const usage = super.defaultUsage();
    Object.assign(this.command, {args, flags});
    if (this.command['runLike'] !== true || program === undefined) return usage;
    const words = `[--] ${program.name.toUpperCase()} [ARG...]`;
    return `${usage} ${program.required === true ? words : `[${words}]`}`;
  }

  protected override usage(): string {
    const {id, usage} = this.command;
    const lines = [usage ?? this.defaultUsage()]
      .flat()
      .map((line) => this.render(line).replace(id, '').trim());
    return lines.map((line) => this.#wrapUsage(`$ ${this.config.bin} ${id} ${line}`)).join('\n');
  }

  protected override examples(examples: Command.Example[] | string | undefined): string | undefined {
    const texts = [examples ?? []].flat().map((example) => {
      const {command, description} = typeof example === 'string' ? {command: example} : example;
      const lines = this.render(command)
        .split('\n')
        .map((line) => line.trim().replace(/ {2,}/g, ' '));
      const typed = lines.map((line) =>
        line.includes(this.config.bin) && !line.startsWith('$') ? `$ ${line}` : line,
      );
      return [...(description === undefined ? [] : [this.wrap(description)]), ...typed].join('\n');
    });
    return texts.length === 0 ? undefined : texts.join('\n');
  }

  #wrapUsage(text: string): string {
    const lines: string[] = [];
    for (const word of usageWords(text)) {
      const last = lines.at(-1);
      if (last !== undefined && last.length + word.length < this.opts.maxWidth - 4)
        lines.push(`${lines.pop()} ${word}`);
      else lines.push(lines.length === 0 ? word : `    ${word}`);
    }
    return lines.join('\n');
  }
}

/** A default that is only known at run time cannot be shown. */
function shownDefault<T extends {readonly default?: unknown}>(definition: T): T {
  return typeof definition.default === 'function' ? {...definition, default: undefined} : definition;
}

function definitions<T extends {readonly default?: unknown}>(
  all: Readonly<Record<string, T>> = {},
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(all).map(([name, definition]) => [name, {...shownDefault(definition), name}]),
  );
}

/** Flags with a letter first: oclif aligns the others below them. */
function byLetter(flags: CommandClass['flags'] = {}): CommandClass['flags'] {
  const rank = (flag: {readonly char?: unknown}) => (flag.char === undefined ? 1 : 0);
  return Object.fromEntries(Object.entries(flags).sort(([, a], [, b]) => rank(a) - rank(b)));
}

/** A command class as oclif's help wants to see it. */
function described(command: CommandClass, id: string): Command.Loadable {
  const {args, baseFlags, description, enableJsonFlag, examples, flags, runLike, strict, summary, usage} =
    command;
  return {
    id,
    args: definitions(args),
    flags: {
      ...definitions(byLetter(flags)),
      help: HELP_FLAG,
      ...definitions(byLetter(baseFlags)),
      ...(enableJsonFlag ? {json: JSON_FLAG} : {}),
    },
    aliases: [],
    hiddenAliases: [],
    hidden: false,
    description,
    examples,
    runLike,
    strict,
    summary,
    usage,
    load: () => Promise.resolve(command as unknown as Command.Class),
  };
}

function summaryOf(command: CommandClass): string {
  return command.summary ?? command.description?.split('\n')[0] ?? '';
}

async function folderSummary(folder: CommandFolder): Promise<string> {
  if (folder.summary !== undefined) return folder.summary;
  const fallback = await folder.commands['']?.();
  if (fallback !== undefined && 'default' in fallback) return summaryOf(fallback.default);
  return wordsOf(folder.commands).join(', ');
}

async function row(folder: CommandFolder, word: string): Promise<Rows[number]> {
  const module = await folder.commands[word]!();
  return [word, 'default' in module ? summaryOf(module.default) : await folderSummary(module)];
}

async function sections(folder: CommandFolder, page: HelpPage): Promise<string[]> {
  const words = wordsOf(folder.commands);
  const groups = folder.groups ?? [];
  const grouped = new Set(groups.flatMap((group) => group.words));
  const rest = {
    title: groups.length === 0 ? 'COMMANDS' : 'MORE',
    words: words.filter((word) => !grouped.has(word)),
  };
  const all = [...groups, rest].map((group) => ({
    ...group,
    words: group.words.filter((word) => words.includes(word)),
  }));
  const width = Math.max(...words.map((word) => word.length));
  return Promise.all(
    all
      .filter((group) => group.words.length > 0)
      .map(async (group) => {
        const rows = await Promise.all(group.words.map((word) => row(folder, word)));
        return page.section(
          group.title,
          rows.map(([word, text]) => [word.padEnd(width), text] as Rows[number]),
        );
      }),
  );
}

function newPage(program: Program, command: Command.Loadable): HelpPage {
  return new HelpPage(command, configOf(program), OPTIONS);
}

/** The help of one command, and of the words beside it where it is its table's default. */
export async function commandHelp(
  program: Program,
  words: readonly string[],
  {command, folder}: {readonly command: CommandClass; readonly folder?: CommandFolder | undefined},
): Promise<string> {
  const shown = described(command, words.join(' '));
  const page = newPage(program, shown);
  const others = folder === undefined ? [] : await sections(folder, page);
  return [page.wrap(summaryOf(command), 0), page.generate(), ...others]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The listing of a table. */
export async function folderHelp(
  program: Program,
  words: readonly string[],
  folder: CommandFolder,
): Promise<string> {
  const path = [program.bin, ...words].join(' ');
  const page = newPage(program, {
    id: path,
    aliases: [],
    args: {},
    flags: {},
    hidden: false,
    hiddenAliases: [],
    load: undefined as never,
  });
  const about = folder.summary ?? (words.length === 0 ? program.description : '');
  const parts = [
    about,
    page.section('USAGE', `$ ${path} COMMAND`),
    ...(await sections(folder, page)),
    `${path} COMMAND --help says more about one of them.`,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}
