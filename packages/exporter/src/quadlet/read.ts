import type {ReadProcess} from '../check-read-back.ts';
import {ExportFault} from '../fault.ts';
import type {CompleteModel} from '../model-schema.ts';
import type {UnitFile} from '../render-units.ts';
import {parseEnvironmentFile} from '../systemd/environment-file.ts';
import {splitWords, undoDollars, undoSpecifiers} from '../systemd/unescape.ts';
import {type Directive, parseUnitText} from '../systemd/unit-text.ts';

function refuse(file: string, because: string): never {
  throw new ExportFault('EXPORT_MISMATCH', `${file}: ${because}`);
}

/** Words that end up in the ExecStart= that Quadlet writes, where systemd replaces specifiers and variables. */
function words(file: string, {key, value}: Directive): string[] {
  const split = splitWords(value)?.map((word) => {
    const plain = undoSpecifiers(word);
    return plain === undefined ? undefined : undoDollars(plain);
  });
  if (!split || split.includes(undefined)) return refuse(file, `${key}= would not arrive as it is`);
  return split as string[];
}

function ownVariables(
  file: string,
  service: readonly Directive[],
  files: readonly UnitFile[],
  unitDir: string,
): Map<string, string> {
  const found = service.filter(({key}) => key === 'EnvironmentFile').map(({value}) => undoSpecifiers(value));
  const own = files.filter(({path}) => found.includes(`${unitDir}/${path}`.replace(/\/+/g, '/')));
  if (own.length !== found.length) refuse(file, 'EnvironmentFile= names a file that is none of these');
  return new Map(own.flatMap(({content}) => [...parseEnvironmentFile(content)]));
}

function assignments(file: string, lines: readonly string[], given: ReadonlyMap<string, string>) {
  return Object.fromEntries(
    lines.map((word) => {
      const at = word.indexOf('=');
      if (at >= 0) return [word.slice(0, at), word.slice(at + 1)];
      return [word, given.get(word) ?? refuse(file, `${word} has no value`)];
    }),
  ) as Record<string, string>;
}

function container(
  {path: file, content}: UnitFile,
  files: readonly UnitFile[],
  {unitDir}: CompleteModel,
): ReadProcess {
  const directives = parseUnitText(file, content);
  const of = (section: string) => directives.filter((one) => one.section === section);
  const all = (key: string) => of('Container').filter((one) => one.key === key);
  const once = (key: string) => {
    const [one, second] = all(key);
    if (second) refuse(file, `${key}= is there twice`);
    return one;
  };
  const plain = (key: string) => {
    const found = once(key);
    if (!found) return undefined;
    const text = undoSpecifiers(found.value);
    const literal = text === undefined ? undefined : undoDollars(text);
    return literal ?? refuse(file, `${key}= would not arrive as it is`);
  };
  const flags = all('PodmanArgs').flatMap((one) => words(file, one));
  const valued = (name: string) =>
    flags.filter((word) => word.startsWith(`--${name}=`)).map((word) => word.slice(name.length + 3));
  if (flags.some((word) => /^(-[uwe]|--(user|group|workdir|env-file|privileged)(=|$))/.test(word)))
    refuse(file, 'PodmanArgs= says again what has a directive');
  const [entrypoint = '[]'] = valued('entrypoint');
  if (once('Exec')) refuse(file, 'Exec= would be added to the entrypoint');
  const given = ownVariables(file, of('Service'), files, unitDir);
  return {
    file,
    env: assignments(
      file,
      [...valued('env'), ...all('Environment').flatMap((one) => words(file, one))],
      given,
    ),
    argv: JSON.parse(entrypoint) as string[],
    cwd: plain('WorkingDir'),
    user: plain('User'),
    group: plain('Group'),
  };
}

/** What podman will start. Faults: EXPORT_MISMATCH, where Quadlet or systemd would read something else. */
export function readContainers(files: readonly UnitFile[], model: CompleteModel): ReadProcess[] {
  return files.filter(({path}) => path.endsWith('.container')).map((file) => container(file, files, model));
}
