import {ForemanFault} from './fault.ts';

/** What tells that a process can be used by those that depend on it: exactly one of `line`, `port` and `http`. */
export interface ReadyConfig {
  /** A regular expression for a line that it prints, colours taken away. */
  readonly line?: string | undefined;
  /** It accepts TCP connections of this machine: `true` on its own PORT, or on another one. */
  readonly port?: true | number | undefined;
  /** A path on its PORT that answers 2xx. */
  readonly http?: string | undefined;
  /** How long it may take from its start, default 30 000. */
  readonly timeoutMs?: number | undefined;
}

export type ReadyCondition = {readonly timeoutMs: number} & (
  | {readonly kind: 'line'; readonly pattern: RegExp}
  | {readonly kind: 'port'; readonly port: number | undefined}
  | {readonly kind: 'http'; readonly path: string}
);

const TIMEOUT_MS = 30_000;
const HINT = 'Write TYPE=port, TYPE=port:5432, TYPE=/path or TYPE=line:REGEX, for example web=port.';

/** Checks the ready configuration of a type. Throws FOREMAN_OPTIONS. */
export function readyCondition(type: string, config: ReadyConfig): ReadyCondition {
  const {line, port, http, timeoutMs = TIMEOUT_MS} = config;
  const given = [line, port, http].filter((one) => one !== undefined);
  if (given.length !== 1) throw wrong(type, 'takes exactly one of line, port and http');
  if (line !== undefined) return {kind: 'line', pattern: expression(type, line), timeoutMs};
  if (http !== undefined) {
    if (!/^\/[\x21-\x7e]*$/.test(http)) throw wrong(type, `${JSON.stringify(http)} is no path`);
    return {kind: 'http', path: http, timeoutMs};
  }
  if (port !== true && !(Number.isInteger(port) && port! >= 1 && port! <= 65_535))
    throw wrong(type, `${port} is no port`);
  return {kind: 'port', port: port === true ? undefined : port, timeoutMs};
}

/** `web=port`, `db=port:5432`, `web=/health`, `web=line:listening` → the same as in package.json. Throws FOREMAN_OPTIONS. */
export function parseReady(texts: readonly string[], timeoutMs?: number): Record<string, ReadyConfig> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, type, what] = /^([A-Za-z0-9_-]+)=(.+)$/s.exec(text) ?? [];
      if (type === undefined || what === undefined)
        throw new ForemanFault('FOREMAN_OPTIONS', `--ready ${JSON.stringify(text)} is not TYPE=CONDITION`, {
          hint: HINT,
        });
      return [type, {...conditionOf(type, what), timeoutMs}];
    }),
  );
}

/** `worker=db`, `web=db,cache` → what each type waits for. Throws FOREMAN_OPTIONS. */
export function parseDepends(texts: readonly string[]): Record<string, string[]> {
  const depends: Record<string, string[]> = {};
  for (const text of texts) {
    const [, type, names] = /^([A-Za-z0-9_-]+)=([A-Za-z0-9_,-]+)$/.exec(text) ?? [];
    if (type === undefined || names === undefined)
      throw new ForemanFault('FOREMAN_OPTIONS', `--depends ${JSON.stringify(text)} is not TYPE=TYPE,…`, {
        hint: 'For example worker=db: worker starts when db is ready.',
      });
    depends[type] = [...(depends[type] ?? []), ...names.split(',').filter((name) => name !== '')];
  }
  return depends;
}

function conditionOf(type: string, what: string): ReadyConfig {
  if (what === 'port') return {port: true};
  if (what.startsWith('/')) return {http: what};
  const [, kind, rest] = /^(port|line|http):(.+)$/s.exec(what) ?? [];
  if (kind === 'line') return {line: rest};
  if (kind === 'http') return {http: rest};
  if (kind === 'port' && /^\d{1,5}$/.test(rest!)) return {port: Number(rest)};
  throw new ForemanFault(
    'FOREMAN_OPTIONS',
    `--ready ${type}=${what}: ${JSON.stringify(what)} is no condition`,
    {hint: HINT},
  );
}

function expression(type: string, source: string): RegExp {
  try {
    return new RegExp(source);
  } catch (error) {
    throw wrong(type, (error as Error).message, error);
  }
}

function wrong(type: string, because: string, cause?: unknown): ForemanFault {
  return new ForemanFault('FOREMAN_OPTIONS', `ready of ${type}: ${because}`, {hint: HINT, cause});
}
