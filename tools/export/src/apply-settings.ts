import type {ServiceModel, ServiceProcess} from '@keelson/exporter';

import {AppExportFault} from './fault.ts';

type Fields = Readonly<Record<string, unknown>>;

/** JSON where it is JSON, else the text itself. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function withField(fields: Fields, [name = '', ...rest]: readonly string[], value: unknown): Fields {
  if (rest.length === 0) return {...fields, [name]: value};
  const inside = fields[name];
  const group = typeof inside === 'object' && inside !== null ? (inside as Fields) : {};
  return {...fields, [name]: withField(group, rest, value)};
}

/** `{process}` in the path of a log or pidfile is the process's name. */
function named(fields: Fields): Fields {
  const {name, pidfile, logs} = fields as unknown as ServiceProcess;
  const filled = (path: string) => path.replaceAll('{process}', name);
  const output = logs?.output;
  return {
    ...fields,
    ...(typeof pidfile === 'string' && {pidfile: filled(pidfile)}),
    ...(typeof output === 'object' &&
      typeof output.file === 'string' && {logs: {...logs, output: {...output, file: filled(output.file)}}}),
  };
}

/**
 * A model with single fields set: `web.limits.memoryMax=268435456`, `all.harden=strict`, `app.logDir=/var/log/shop`. Whether there is
 * such a field is asked when the model is rendered. Faults: EXPORT_SETTING.
 */
export function applySettings(model: ServiceModel, settings: readonly string[]): ServiceModel {
  let result: Fields & {readonly processes: readonly Fields[]} = model as never;
  for (const setting of settings) {
    const [, owner = '', path = '', text = ''] = /^([\w-]+)\.([\w.]+)=([^]*)$/.exec(setting) ?? [];
    const isOwner = ({name}: Fields) => owner === 'all' || name === owner;
    const names = path.split('.');
    if (names.some((name) => name === '__proto__') || path === '') {
      throw new AppExportFault('EXPORT_SETTING', `"${setting}" is not PROCESS.FIELD=VALUE`, {
        hint: 'For example web.limits.memoryMax=268435456.',
      });
    }
    if (result.processes.some(isOwner)) {
      const processes = result.processes.map((one) =>
        isOwner(one) ? withField(one, names, valueOf(text)) : one,
      );
      result = {...result, processes};
    } else if (owner === 'app') result = withField(result, names, valueOf(text)) as typeof result;
    else {
      throw new AppExportFault('EXPORT_SETTING', `"${setting}": there is no process ${owner}`, {
        hint: `There are ${result.processes.map(({name}) => String(name)).join(', ')}, all and app.`,
      });
    }
  }
  return {...result, processes: result.processes.map(named)} as unknown as ServiceModel;
}
