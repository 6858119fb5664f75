import type {EnvMap} from '@keelson/env';

/** What a template can name. */
export interface TemplateView {
  /** As the app's processes have it. */
  readonly env: EnvMap;
  readonly host: {readonly name: string};
  readonly release: {
    readonly number: number;
    readonly name: string;
    readonly version: string;
    readonly dir: string;
  };
  /** Of the first instance of each process type. */
  readonly ports: Readonly<Record<string, number>>;
}

/** Where and why a template cannot be rendered; never a value. */
export class TemplateProblem extends Error {}

/**
 * Renders the text of a Handlebars template; values go in as they are. A name that the view does not have is a TemplateProblem, but in the
 * condition of `{{#if}}` and `{{#unless}}`.
 */
export async function renderTemplate(text: string, path: string, view: TemplateView): Promise<string> {
  const {default: handlebars} = await import('handlebars');
  const own = handlebars.create();
  own.unregisterHelper('log'); // it prints values
  let program: ReturnType<typeof own.parse>;
  try {
    program = own.parse(text);
  } catch (error) {
    throw new TemplateProblem(notParsed(path, error as Error));
  }
  try {
    return own.compile(program, {noEscape: true, strict: true})(inert(view));
  } catch (error) {
    throw new TemplateProblem(notRendered(path, text, error as Error));
  }
}

/** Handlebars shows several lines of the template, and then what it has expected. */
function notParsed(path: string, {message, lineNumber}: Located): string {
  const line = /on line (\d+)/.exec(message)?.[1] ?? lineNumber;
  const because = message.startsWith('Parse error')
    ? 'what begins here has no end, or no beginning'
    : message;
  return `${path}${line === undefined ? '' : `:${line}`}: no template of Handlebars: ${because}`;
}

interface Located {
  readonly message: string;
  readonly lineNumber?: number | undefined;
  readonly column?: number | undefined;
}

// Messages of errors while it is rendered may have values in them: what is said of them comes from the template.
function notRendered(path: string, text: string, {message, lineNumber, column}: Located): string {
  if (lineNumber !== undefined && / not defined in /.test(message)) {
    const line = text.split(/\r?\n/)[lineNumber - 1] ?? '';
    const [name = ''] = /^[^\s{}()|~]*/.exec(line.slice(column)) ?? [];
    const said = name.startsWith('env.') ? 'is not configured' : 'is nothing that a template can name';
    return `${path}:${lineNumber}: ${name} ${said}`;
  }
  const partial = /^The partial (.*) could not be found$/.exec(message)?.[1];
  if (partial !== undefined) return `${path}: there is no partial ${partial}`;
  return `${path}: a helper that does not exist is called, or a value is used as a group of values`;
}

/** Without anything that objects inherit; only Handlebars' own message about a missing name makes a text of them. */
function inert(group: object): object {
  const bare = Object.create(null) as Record<PropertyKey, unknown>;
  for (const [name, value] of Object.entries(group))
    bare[name] = typeof value === 'object' && value !== null ? inert(value as object) : value;
  Object.defineProperty(bare, Symbol.toPrimitive, {value: () => 'it'});
  return bare;
}
