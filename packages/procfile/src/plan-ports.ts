import {dirname, resolve} from 'node:path';

import type {StepOptions} from '@keelson/step';

import {chooseBasePort} from './base-port.ts';
import {envFilePort} from './env-file-port.ts';
import type {Formation} from './formation.ts';
import {expandFormation, type Instance, type PortlessInstance} from './instances.ts';
import {packageJson} from './package-json.ts';
import type {PortOptions} from './port-places.ts';
import {readProcfile} from './read-procfile.ts';

/** The instances of a formation, each with its port. */
export interface PortPlan {
  readonly kind: 'port-plan';
  readonly ports: readonly (Instance | PortlessInstance)[];
}

export interface PlanPortsOptions extends StepOptions {
  /** As `readProcfile` takes it. */
  readonly file?: string | undefined;
  /** Default: that of package.json, else one of each type. */
  readonly formation?: Formation | undefined;
  /** Default: PORT of the `.env` file, else of `environment`, else 5000. */
  readonly basePort?: number | undefined;
  /** Default: nothing. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  readonly ports?: Omit<PortOptions, 'basePort' | 'fixedPorts'> | undefined;
  /** Default false. */
  readonly noPort?: boolean | undefined;
}

/**
 * The instances of a directory's Procfile: as many as were asked for, else as `keelson.formation` of package.json says, else one of
 * each type; with the ports that `keelson.processes` fixes. package.json and `.env` are those beside the Procfile.
 * Faults: those of `readProcfile` and `expandFormation`; MANIFEST_INVALID.
 */
export async function planPorts(dir: string, options: PlanPortsOptions = {}): Promise<PortPlan> {
  const {file, ports, noPort, signal} = options;
  const procfile = await readProcfile(dir, {file, signal});
  const root = file === undefined ? dir : dirname(resolve(dir, file));
  const basePort = noPort ? undefined : await basePortOf(root, options);
  const {formation, fixedPorts} = await configured(root, {signal});
  return {
    kind: 'port-plan',
    ports: expandFormation(procfile, options.formation ?? formation, {
      ...ports,
      basePort,
      fixedPorts,
      noPort,
    }),
  };
}

async function basePortOf(root: string, {basePort, environment}: PlanPortsOptions): Promise<number> {
  if (basePort !== undefined) return basePort;
  return chooseBasePort([
    {name: '.env: PORT', value: await envFilePort(root)},
    {name: 'PORT of the environment', value: environment?.['PORT']},
  ]);
}

async function configured(
  dir: string,
  options: StepOptions,
): Promise<{readonly formation?: Formation; readonly fixedPorts?: Record<string, number | undefined>}> {
  if ((await packageJson(dir)).keelson === undefined) return {};
  const {readManifest} = await import('@keelson/manifest'); // loads zod
  const {formation, processes} = (await readManifest(dir, options)).app;
  const ports = Object.entries(processes).map(([type, {port}]) => [type, port] as const);
  return {formation, fixedPorts: Object.fromEntries(ports)};
}
