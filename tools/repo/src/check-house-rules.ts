import {readImports} from './imports.ts';
import type {SourceFile, Violation, WorkspacePackage} from './workspace.ts';

type Rule = (file: SourceFile, one: WorkspacePackage) => string[];

const DUMPING_GROUND = /(^|\/)(utils?|helpers?|common|shared|types|misc)(\.ts|\/)/;
const EDGE = /^src\/(cli|(run-)?preload|main)\.c?ts$|^src\/cli\//;
const COMMAND = /^src\/(cli|commands)\.ts$|^src\/cli\//;
/** The class that commands of a folder extend: it lies among them, and this rule is about it, too. */
const isBase = ({path}: SourceFile, specifier: string): boolean =>
  path.startsWith('src/cli/') && /^\.\/[\w-]+-command\.ts$/.test(specifier);

// Flags that several commands of a package share; as light as the commands that import them.
const FLAGS = /-flags?\.ts$/;
// cli-kit and the repository's own tools are the edge of the program; the kit of the tests never ships.
const EDGE_PACKAGES = new Set(['@keelson/cli-kit', '@keelson/test-kit', '@keelson/repo']);

/** Rules 3 to 8 of the house that a program can see (ARCHITECTURE.md lists them). */
const RULES: Readonly<Record<string, Rule>> = {
  'names say what a file returns or decides': (file) =>
    DUMPING_GROUND.test(file.path) ? ['utils, helpers, common, shared, types and misc name nothing'] : [],

  'files stay readable': (file) => {
    const lines = file.text.split('\n').length - 1;
    return lines > 250 ? [`${lines} lines; 250 is the limit: split by concept`] : [];
  },

  'an index is a list of verbs': (file) => {
    if (file.path !== 'src/index.ts') return [];
    const lines = file.text.split('\n').length - 1;
    const logic = file.text
      .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
      .replace(/export\s+(type\s+)?(\{[^}]*\}|\*)\s+from\s+'[^']+';?/g, '')
      .trim();
    return [
      ...(lines > 30 ? [`${lines} lines; 30 is the limit`] : []),
      ...(/export\s+\*/.test(file.text) ? ['export * hides what is public: name each export'] : []),
      ...(logic === '' ? [] : [`only named re-exports belong here, found: ${logic.split('\n')[0]}`]),
    ];
  },

  'a command is small': (file) => {
    const lines = file.text.split('\n').length - 1;
    return COMMAND.test(file.path) && lines > 60
      ? [`${lines} lines; 60 is the limit: parse, call, print`]
      : [];
  },

  'a command loads nothing heavy': (file, one) =>
    (COMMAND.test(file.path) || FLAGS.test(file.path)) && one.manifest.name !== '@keelson/cli-kit'
      ? readImports(file.text)
          .filter((entry) => !entry.typeOnly && !entry.dynamic)
          .filter((entry) => !entry.specifier.startsWith('node:') && entry.package !== '@keelson/cli-kit')
          .filter((entry) => !FLAGS.test(entry.specifier) && !isBase(file, entry.specifier))
          .map((entry) => `${entry.specifier} is imported at the top: import it inside run()`)
      : [],

  'the process belongs to the edge': (file, one) =>
    EDGE.test(file.path) || EDGE_PACKAGES.has(one.manifest.name)
      ? []
      : [...withoutComments(file.text).matchAll(/\bprocess\.(exit|env)\b|\bconsole\.\w+/g)].map(
          ([what]) => `${what} belongs into cli.ts, cli-kit or preload.ts`,
        ),

  'a failure has a code': (file, one) =>
    EDGE_PACKAGES.has(one.manifest.name)
      ? []
      : [...withoutComments(file.text).matchAll(/throw new Error\(/g)].map(
          () => 'throw a Fault with a code of this package, not Error',
        ),

  'options stay few': (file) =>
    [...withoutComments(file.text).matchAll(/interface (\w*Options)\b[^{]*\{([\s\S]*?)\n\}/g)].flatMap(
      ([, name, body]) => {
        const count = body!.split('\n').filter((line) => /^ {2}(readonly )?\w+\??:/.test(line)).length;
        return count > 8 ? [`${name} has ${count} options; 8 is the limit: group them`] : [];
      },
    ),

  'a function takes at most three parameters': (file) =>
    [...withoutComments(file.text).matchAll(/^export (?:async )?function (\w+)(?:<[^(]*>)?\(/gm)].flatMap(
      (match) => {
        const count = countParameters(withoutComments(file.text).slice(match.index + match[0].length));
        return count > 3 ? [`${match[1]} takes ${count} parameters; 3 is the limit`] : [];
      },
    ),
};

export function checkHouseRules(packages: readonly WorkspacePackage[]): Violation[] {
  return packages.flatMap((one) =>
    one.sources.flatMap((file) =>
      Object.entries(RULES).flatMap(([rule, check]) =>
        check(file, one).map((because) => ({file: `${one.folder}/${file.path}`, rule, because})),
      ),
    ),
  );
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

/** Commas at depth 0 up to the closing parenthesis. */
function countParameters(text: string): number {
  let depth = 0;
  let count = 0;
  let seen = false;
  for (const character of text.replaceAll('=>', '')) {
    if (depth === 0 && character === ')') break;
    if ('([{<'.includes(character)) depth++;
    else if (')]}>'.includes(character)) depth--;
    if (depth === 0 && character === ',') {
      count++;
      seen = false;
    } else if (character.trim() !== '') seen = true;
  }
  return count + (seen ? 1 : 0);
}
