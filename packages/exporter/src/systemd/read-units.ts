import {basename} from 'node:path/posix';

import type {ReadProcess} from '../check-read-back.ts';
import {ExportFault} from '../fault.ts';
import type {CompleteModel} from '../model-schema.ts';
import type {UnitFile} from '../render-units.ts';
import {parseEnvironmentFile} from './environment-file.ts';
import {splitWords, undoDollars, undoSpecifiers} from './unescape.ts';
import {parseUnitText} from './unit-text.ts';

/** Directives that a unit of ours may have at most once each; whoever adds a second one by a value has injected it. */
const MANY = new Set([
  'Wants',
  'After',
  'Requires',
  'Environment',
  'EnvironmentFile',
  'ExecStartPre',
  'ExecStartPost',
  'ExecStop',
  'ExecStopPost',
]);

function refuse(file: string, because: string): never {
  throw new ExportFault('EXPORT_MISMATCH', `${file}: ${because}`);
}

function orRefuse<T>(value: T | undefined, file: string, key: string): T {
  return value ?? refuse(file, `systemd would not read ${key}= as it is meant`);
}

/** A service file; of a template, with one of its instances. */
interface ServiceFile extends UnitFile {
  readonly instance?: string | undefined;
}

function envOf(
  {path: file, instance}: ServiceFile,
  all: (key: string) => string[],
  ours: ReadonlyMap<string, UnitFile>,
): Record<string, string> {
  const env = new Map<string, string>();
  for (const value of all('Environment')) {
    for (const word of orRefuse(splitWords(value), file, 'Environment')) {
      const [, name = '', text = ''] =
        /^([^=]*)=([^]*)$/.exec(orRefuse(undoSpecifiers(word), file, 'Environment')) ?? [];
      env.set(name, text);
    }
  }
  for (const value of all('EnvironmentFile')) {
    const path = orRefuse(undoSpecifiers(value.replace(/^-/, ''), instance), file, 'EnvironmentFile');
    const own = ours.get(path);
    if (own) for (const [name, text] of parseEnvironmentFile(own.content)) env.set(name, text);
  }
  return Object.fromEntries(env);
}

function argvOf(file: string, value: string): string[] {
  const [program, ...args] = orRefuse(splitWords(value), file, 'ExecStart');
  if (program === undefined || !program.startsWith('/')) return refuse(file, 'ExecStart= names no program');
  const plain = (word: string) => orRefuse(undoSpecifiers(word), file, 'ExecStart');
  return [plain(program), ...args.map((arg) => orRefuse(undoDollars(plain(arg)), file, 'ExecStart'))];
}

// What a template of ours runs with all rights, whatever User= says: systemd.service(5), "Special executable prefixes".
const PRIVILEGED = /^[-@:|]*[+!]/;
const OURS = [
  /^\+"\/sbin\/sysctl" -q -w "[a-z0-9_./A-Z-]+=(?:[^"\\]|\\.)*"$/,
  /^\+\/bin\/sh -c "echo \$\$MAINPID >\\"\$\$0\\"" "\/(?:var\/)?run\/(?:[^"\\/]|\\[^/])*"$/,
];

function refuseOtherRights(file: string, {key, value}: {readonly key: string; readonly value: string}): void {
  const privileged =
    key.startsWith('Exec') && PRIVILEGED.test(value) && !OURS.some((line) => line.test(value));
  if (privileged || key === 'PermissionsStartOnly' || key === 'DynamicUser')
    refuse(file, `${key}= would run something with other rights than User=`);
}

function readService(file: ServiceFile, ours: ReadonlyMap<string, UnitFile>): ReadProcess {
  const directives = parseUnitText(file.path, file.content);
  const seen = new Set<string>();
  for (const {section, key, value} of directives) {
    const name = `${section}.${key}`;
    if (seen.has(name) && !MANY.has(key)) refuse(file.path, `${key}= is there twice`);
    seen.add(name);
    refuseOtherRights(file.path, {key, value});
  }
  const all = (key: string) =>
    directives.filter((one) => one.section === 'Service' && one.key === key).map(({value}) => value);
  const plain = (key: string) => {
    const value = all(key)[0];
    return value === undefined ? undefined : orRefuse(undoSpecifiers(value), file.path, key);
  };
  return {
    file: file.path,
    env: envOf(file, all, ours),
    argv: argvOf(file.path, all('ExecStart')[0] ?? ''),
    cwd: plain('WorkingDirectory'),
    user: plain('User'),
    group: plain('Group'),
  };
}

/** A template unit has an instance for each file of variables. */
function instancesOf(file: UnitFile, files: readonly UnitFile[]): ServiceFile[] {
  const prefix = /^(.*@)\.service$/.exec(file.path)?.[1];
  if (prefix === undefined) return [file];
  return files
    .filter(({path}) => path.startsWith(prefix) && path.endsWith('.env'))
    .map(({path}) => ({...file, instance: path.slice(prefix.length, -'.env'.length)}));
}

/** What systemd will start from these files. Faults: EXPORT_MISMATCH, where it would not read one. */
export function readUnits(files: readonly UnitFile[], model: CompleteModel): ReadProcess[] {
  const ours = new Map(
    files.map((file) => [`${model.unitDir}/${basename(file.path)}`.replace(/\/+/g, '/'), file]),
  );
  return files
    .filter(({path}) => path.endsWith('.service'))
    .flatMap((file) => instancesOf(file, files))
    .map((file) => readService(file, ours));
}
