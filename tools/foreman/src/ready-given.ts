import type {ReadyConfig} from '@keelson/manifest';
import {ForemanFault} from './fault.ts';

const HINT = 'Write TYPE=port, TYPE=port:5432, TYPE=/path or TYPE=line:REGEX, for example web=port.';

/** `--ready` texts (`web=port`, `db=port:5432`, `web=/health`, `web=line:listening`) as package.json says it. Throws FOREMAN_ARGUMENT. */
export function parseReady(texts: readonly string[], timeoutMs?: number): Record<string, ReadyConfig> {
  const given: [string, ReadyConfig][] = texts.map((text) => {
    const [, type, what] = /^([A-Za-z0-9_-]+)=(.+)$/s.exec(text) ?? [];
    if (type === undefined || what === undefined) throw wrong(text, 'is not TYPE=CONDITION');
    return [type, {...conditionOf(text, what), ...(timeoutMs === undefined ? {} : {timeoutMs})}];
  });
  const twice = given.find(([type], index) => given.findIndex(([other]) => other === type) < index);
  if (twice !== undefined) throw wrong(`${twice[0]}=…`, 'is given twice');
  return Object.fromEntries(given);
}

/** `--depends` texts (`worker=db`, `web=db,cache`): type → the types it waits for. Throws FOREMAN_ARGUMENT. */
export function parseDepends(texts: readonly string[]): Record<string, string[]> {
  const depends: Record<string, string[]> = {};
  for (const text of texts) {
    const [, type, names] = /^([A-Za-z0-9_-]+)=([A-Za-z0-9_-]+(?:,[A-Za-z0-9_-]+)*)$/.exec(text) ?? [];
    if (type === undefined || names === undefined)
      throw new ForemanFault('FOREMAN_ARGUMENT', `--depends ${JSON.stringify(text)} is not TYPE=TYPE,…`, {
        hint: 'For example worker=db: worker starts when db is ready.',
      });
    depends[type] = [...new Set([...(depends[type] ?? []), ...names.split(',')])];
  }
  return depends;
}

function conditionOf(text: string, what: string): ReadyConfig {
  if (what === 'port') return {port: true};
  const [, kind, rest] = what.startsWith('/')
    ? ['', 'http', what]
    : (/^(port|line|http):(.+)$/s.exec(what) ?? []);
  if (kind === 'line') return {line: checkExpression(text, rest!)};
  if (kind === 'http' && /^\/[\x21-\x7e]*$/.test(rest!)) return {http: rest};
  if (kind === 'port' && /^\d{1,5}$/.test(rest!) && Number(rest) >= 1 && Number(rest) <= 65_535)
    return {port: Number(rest)};
  throw wrong(text, `${JSON.stringify(what)} is no condition`);
}

function checkExpression(text: string, source: string): string {
  try {
    return new RegExp(source).source;
  } catch (error) {
    throw wrong(text, (error as Error).message);
  }
}

function wrong(text: string, because: string): ForemanFault {
  return new ForemanFault('FOREMAN_ARGUMENT', `--ready ${JSON.stringify(text)}: ${because}`, {hint: HINT});
}
