import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {parseEnv, serializeEnv} from '@keelson/env';
import {openReleases, readReleases} from '@keelson/releases';
import {reconfigure, type Deployment} from '@keelson/deployer';
import {askServer} from './ask-server.ts';
import {systemdWay, type DeployWay} from './deploy-archive.ts';
import type {DeployPlace} from './deploy-place.ts';
import {DeployServerFault} from './fault.ts';
import {serverQuery} from './server-query.ts';

/** What becomes of an app's configuration. */
export type ConfigEdit =
  | {readonly edit: 'set'; readonly values: Readonly<Record<string, string>>}
  | {readonly edit: 'unset'; readonly names: readonly string[]}
  /** All values anew; `reader` says from where, without credentials. */
  | {readonly edit: 'import'; readonly values: Readonly<Record<string, string>>; readonly reader: string}
  | {readonly edit: 'revert'; readonly revision: number};

export interface ConfigChanged {
  readonly kind: 'config-changed';
  readonly revision: number;
  /** Undefined: nothing runs yet, or it was not asked for. */
  readonly deployment?: Deployment | undefined;
}

/** The text of the next revision. Faults: SERVE_BAD_VALUE. */
export async function editConfig(before: string, edit: ConfigEdit, root: string): Promise<string> {
  const values = parseEnv(before, {path: 'the configuration before'});
  switch (edit.edit) {
    case 'set':
      return serializeEnv({...values, ...edit.values});
    case 'unset': {
      const missing = edit.names.filter((name) => !Object.hasOwn(values, name));
      if (missing.length > 0)
        throw new DeployServerFault('SERVE_BAD_VALUE', `${missing.join(', ')} is not configured`);
      return serializeEnv(
        Object.fromEntries(Object.entries(values).filter(([name]) => !edit.names.includes(name))),
      );
    }
    case 'import':
      return serializeEnv(edit.values);
    case 'revert':
      return revisionText(root, edit.revision);
  }
}

async function revisionText(root: string, revision: number): Promise<string> {
  try {
    return await readFile(join(root, 'config', `${revision}.env`), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new DeployServerFault('SERVE_BAD_VALUE', `there is no config revision ${revision} in ${root}`, {
      hint: 'keelson deploy config show tells which there are.',
    });
  }
}

/**
 * Makes a config revision; with `roll` brings the release that runs into service with it, behind the gate. Faults: SERVE_BAD_VALUE, and those
 * of the deployer.
 */
export async function changeConfig(
  place: DeployPlace,
  edit: ConfigEdit,
  {roll, ...way}: DeployWay & {readonly roll: boolean},
): Promise<ConfigChanged> {
  const {root} = place;
  const runs = roll && (await hasCurrent(root));
  if (!runs) return {kind: 'config-changed', revision: await addRevision(root, edit, way)};
  const deployment =
    place.kind === 'server'
      ? await askServer<Deployment>(
          place.server,
          {method: 'POST', path: `/apps/${place.app}/config${serverQuery(way.here)}`, body: edit},
          way.step,
        )
      : await reconfigureHere(place, edit, way);
  return {kind: 'config-changed', revision: deployment.release.config, deployment};
}

async function reconfigureHere(
  place: Extract<DeployPlace, {kind: 'systemd'}>,
  edit: ConfigEdit,
  {step, here}: DeployWay,
): Promise<Deployment> {
  const {to, options} = await systemdWay(place, here);
  return reconfigure(changeOf(edit, place.root), to, {...step, ...options});
}

/** For `reconfigure`. */
export function changeOf(edit: ConfigEdit, root: string) {
  const reader =
    edit.edit === 'import' ? edit.reader : edit.edit === 'revert' ? `revision ${edit.revision}` : undefined;
  return {text: (before: string) => editConfig(before, edit, root), reader};
}

async function addRevision(root: string, edit: ConfigEdit, {step}: DeployWay): Promise<number> {
  await using releases = await openReleases(root, {
    signal: step.signal,
    reason: 'a change of the configuration',
  });
  const {text, reader} = changeOf(edit, root);
  const before = await releases.config.current();
  return (await releases.config.add(await text(before.text), {reader})).number;
}

async function hasCurrent(root: string): Promise<boolean> {
  return (await readReleases(root)).current !== undefined;
}

/** `KEY=VALUE …` as values. Fault SERVE_BAD_VALUE. */
export function assignmentsOf(words: readonly string[]): Record<string, string> {
  if (words.length === 0)
    throw new DeployServerFault('SERVE_BAD_VALUE', 'there is no KEY=VALUE', {
      hint: 'Or give - to read a .env from stdin.',
    });
  return Object.fromEntries(
    words.map((word) => {
      const [, name = '', value = ''] = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/.exec(word) ?? [];
      if (name !== '') return [name, value];
      throw new DeployServerFault(
        'SERVE_BAD_VALUE',
        `${JSON.stringify(word.split('=')[0])} is not KEY=VALUE`,
        {
          hint: 'keys are letters, digits and _',
        },
      );
    }),
  );
}
