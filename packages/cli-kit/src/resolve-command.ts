import {wordsOf, type CommandClass, type CommandFolder, type CommandModule} from './command-table.ts';
import {nearest} from './nearest.ts';
import {endOfOwnFlags} from './run-like.ts';
import {UsageError} from './usage-error.ts';

/** What a command line asks for. */
export type Resolution =
  | {
      readonly kind: 'command';
      readonly words: readonly string[];
      readonly command: CommandClass;
      readonly argv: string[];
    }
  | {
      readonly kind: 'help';
      readonly words: readonly string[];
      readonly command?: CommandClass;
      readonly folder?: CommandFolder;
    }
  | {readonly kind: 'incomplete'; readonly words: readonly string[]; readonly folder: CommandFolder};

/** A place in the tables: the words that led there and what is left of the command line. */
interface Position {
  readonly bin: string;
  readonly words: readonly string[];
  readonly argv: string[];
}

function isHelpFlag(word: string | undefined): boolean {
  return word === '--help' || word === '-h';
}

/** In a table with a default command, what can only be that command's argument and no misspelled word. */
function isArgument(word: string): boolean {
  return word.startsWith('-') || word.includes('/') || word.includes('.');
}

function unknownWord(word: string, folder: CommandFolder, {bin, words}: Position): UsageError {
  const path = [bin, ...words].join(' ');
  const near = nearest(word, wordsOf(folder.commands));
  const hint =
    near === undefined ? `${path} --help lists the commands.` : `did you mean \`${path} ${near}\`?`;
  const asArgument = '' in folder.commands ? ` A file of that name is written ./${word}` : '';
  return new UsageError(`there is no command \`${path} ${word}\``, `${hint}${asArgument}`);
}

/** Whether the words of one command ask for its help; those of a program that it runs are not ours to read. */
function wantsHelp(command: CommandClass, argv: string[]): boolean {
  const flags = {...command.baseFlags, ...command.flags};
  const end = command.runLike ? endOfOwnFlags(argv, flags) : argv.indexOf('--');
  const own = argv.slice(0, end === -1 ? undefined : end);
  const taken = Object.values(flags).some((flag) => flag.char === 'h');
  return own.some((word) => word === '--help' || (word === '-h' && !taken));
}

function resolveFile(command: CommandClass, position: Position, folder?: CommandFolder): Resolution {
  const {argv, words} = position;
  if (!wantsHelp(command, argv)) return {kind: 'command', words, command, argv};
  return {kind: 'help', words, command, ...(folder === undefined ? {} : {folder})};
}

async function enter(folder: CommandFolder, position: Position): Promise<Resolution> {
  const [word = '', ...argv] = position.argv;
  const {bin, words} = position;
  return resolveCommand(await folder.commands[word]!(), {bin, words: [...words, word], argv});
}

/** `help build` is `build --help`. */
async function resolveHelp(folder: CommandFolder, position: Position): Promise<Resolution> {
  const [word] = position.argv;
  if (word !== undefined && !isHelpFlag(word)) {
    if (!Object.hasOwn(folder.commands, word)) throw unknownWord(word, folder, position);
    return enter(folder, {...position, argv: [...position.argv, '--help']});
  }
  const {words} = position;
  const fallback = await folder.commands['']?.();
  if (fallback === undefined || !('default' in fallback)) return {kind: 'help', words, folder};
  return {kind: 'help', words, command: fallback.default, folder};
}

/** What a folder does with a first word that is none of its own. */
async function resolveDefault(folder: CommandFolder, position: Position): Promise<Resolution> {
  const [word] = position.argv;
  const fallback = await folder.commands['']?.();
  const alone = wordsOf(folder.commands).length === 0;
  if (fallback !== undefined && (word === undefined || alone || isArgument(word))) {
    return 'default' in fallback
      ? resolveFile(fallback.default, position, folder)
      : resolveCommand(fallback, position);
  }
  if (word === undefined) return {kind: 'incomplete', words: position.words, folder};
  if (!word.startsWith('-')) throw unknownWord(word, folder, position);
  const path = [position.bin, ...position.words].join(' ');
  throw new UsageError(
    `${word} stands in front of the command`,
    `flags come after it: ${path} COMMAND ${word}`,
  );
}

/**
 * Follows the words of a command line through the tables, loading only the modules on its way.
 * @throws UsageError for a word that no table has, naming the nearest
 */
export async function resolveCommand(module: CommandModule, position: Position): Promise<Resolution> {
  if ('default' in module) return resolveFile(module.default, position);
  const [word] = position.argv;
  if (word !== undefined && word !== '' && Object.hasOwn(module.commands, word))
    return enter(module, position);
  if (word === 'help') return resolveHelp(module, {...position, argv: position.argv.slice(1)});
  if (isHelpFlag(word) && !('' in module.commands))
    return {kind: 'help', words: position.words, folder: module};
  return resolveDefault(module, position);
}
