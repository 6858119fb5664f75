import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {SystemdScope} from './systemctl.ts';
import {socketUnit, unitFolder} from './systemd-units.ts';

/** What flags of an earlier deploy said, and holds until others say something else. */
export interface SaidByUnits {
  /** Address that the app answers on. */
  readonly host?: string | undefined;
  readonly group?: string | undefined;
}

/** Faults: SERVE_SYSTEMD. */
export async function saidByUnits(app: string, scope: SystemdScope): Promise<SaidByUnits> {
  const folder = unitFolder(scope);
  const names = await readdir(folder).catch(() => []);
  const socket = names.find((name) => new RegExp(`^keelson-${app}-\\d+\\.socket$`).test(name));
  const template = await textOf(join(folder, `keelson-${app}@.service`));
  return {
    host: socket === undefined ? undefined : hostIn(await textOf(join(folder, socket))),
    group: /^Group=(.+)$/m.exec(template)?.[1],
  };
}

/** The address of one port; undefined: there is no such unit. Faults: SERVE_SYSTEMD. */
export async function hostOfPort(
  app: string,
  scope: SystemdScope,
  port: number,
): Promise<string | undefined> {
  return hostIn(await textOf(join(unitFolder(scope), socketUnit(app, port))));
}

function hostIn(text: string): string | undefined {
  const [, bracketed, plain] = /^ListenStream=(?:\[([^\]]+)\]|([^[\]\n]+)):\d+$/m.exec(text) ?? [];
  return bracketed ?? plain;
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
