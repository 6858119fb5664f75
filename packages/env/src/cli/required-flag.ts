import {Flags, UsageError} from '@keelson/cli-kit';

import type {EnvType} from '../value-type.ts';

/** `--require PORT:port,DATABASE_URL` */
export const requiredFlag = () =>
  Flags.string({
    summary: 'A name that has to be set, and what its value has to be.',
    helpValue: 'NAME[:TYPE]',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
  });

/** `--app DIR` */
export const appFlag = () =>
  Flags.string({
    summary:
      'The app whose package.json says in keelson.required what has to be set. Default: this directory.',
    helpValue: 'DIR',
  });

/** What the flags ask for, on top of what the app does. */
export async function requiredBy(
  flags: {
    readonly archive?: string | undefined;
    readonly app: string | undefined;
    readonly require: readonly string[] | undefined;
  },
  signal: AbortSignal,
): Promise<Record<string, EnvType>> {
  const {requiredByApp} = await import('./archive-path.ts');
  const app = await requiredByApp(flags.archive, flags.app, signal);
  return {...app, ...Object.fromEntries((flags.require ?? []).map(parseRequired))};
}

function parseRequired(text: string): [string, EnvType] {
  const [, name, type = 'string'] = /^([A-Za-z_][\w.-]*)(?::(\w+))?$/.exec(text) ?? [];
  const known = TYPES.find((one) => one === type);
  if (name !== undefined && known !== undefined) return [name, known];
  throw new UsageError(
    `--require ${JSON.stringify(text)} is not NAME or NAME:TYPE`,
    `The types are ${TYPES.join(', ')}.`,
  );
}

// Named here again, so that the command's help loads none of the checks.
const TYPES = [
  'string',
  'int',
  'number',
  'bool',
  'port',
  'url',
  'json',
] as const satisfies readonly EnvType[];
