import {nearest} from '@keelson/cli-kit/nearest';
import {refuseSink} from './refuse-sink.ts';

/** How one setting of a destination is written in its query, and which values its spec may hold. */
export interface Setting<T> {
  /** For messages: `a size such as 10M`. */
  readonly says: string;
  /** Undefined: unreadable. */
  readonly read: (text: string) => T | undefined;
  readonly allows: (value: unknown) => boolean;
  /** It reads percent-encoding itself. */
  readonly encoded?: boolean | undefined;
}

/** The settings of a kind of sink: every key of its spec that can stand in a query. */
export type Settings<S> = {readonly [K in keyof S]-?: Setting<NonNullable<S[K]>>};

const SIZES: Readonly<Record<string, number>> = {'': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3};
const MS: Readonly<Record<string, number>> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000};

const isPositive = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;

export const size: Setting<number> = {
  says: 'a size such as 512K, 10M or 1G',
  read(text) {
    const match = /^(\d+)([KMG]?)i?B?$/i.exec(text);
    return match ? Number(match[1]) * SIZES[match[2]!.toUpperCase()]! : undefined;
  },
  allows: isPositive,
};

export const duration: Setting<number> = {
  says: 'a time such as 30s, 1h or 1d',
  read(text) {
    const match = /^(\d+)(ms|s|m|h|d)$/.exec(text);
    return match ? Number(match[1]) * MS[match[2]!]! : undefined;
  },
  allows: isPositive,
};

export const count: Setting<number> = {
  says: 'a whole number',
  read: (text) => (/^\d+$/.test(text) ? Number(text) : undefined),
  allows: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};

export const flag: Setting<boolean> = {
  says: 'yes or no',
  read: (text) =>
    ['', 'yes', 'true', '1'].includes(text) ? true : ['no', 'false', '0'].includes(text) ? false : undefined,
  allows: (value) => typeof value === 'boolean',
};

export const fileMode: Setting<number> = {
  says: 'an octal file mode such as 0640',
  read: (text) => (/^0?[0-7]{3}$/.test(text) ? Number.parseInt(text, 8) : undefined),
  allows: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0o777,
};

export const word: Setting<string> = {
  says: 'a text without control characters',
  read: (text) => text,
  // oxlint-disable-next-line no-control-regex
  allows: (value) => typeof value === 'string' && value !== '' && !/[\0-\x1f\x7f]/.test(value),
};

export function oneOf<const W extends string>(...words: readonly W[]): Setting<W> {
  return {
    says: `one of ${words.join(', ')}`,
    read: (text) => words.find((one) => one === text),
    allows: (value) => words.includes(value as W),
  };
}

/** `size=10M&gzip` → `{size: 10485760, gzip: true}`. `%26` is `&`; a plus stays a plus. */
export function readQuery<S>(query: string, settings: Settings<S>, kind: string): Partial<S> {
  const found: Partial<Record<keyof S, unknown>> = {};
  for (const pair of query.split('&').filter((one) => one !== '')) {
    const equals = pair.indexOf('=');
    const key = decode(equals < 0 ? pair : pair.slice(0, equals), kind);
    const setting = settingOf(key, settings, kind);
    if (key in found) refuseSink(`${kind}: ${key} is given twice`);
    const text = equals < 0 ? '' : pair.slice(equals + 1);
    const plain = decode(text, kind);
    const value = setting.read(setting.encoded ? text : plain);
    if (value === undefined || !setting.allows(value))
      refuseSink(`${kind}: ${key} has to be ${setting.says}, not ${JSON.stringify(plain)}`);
    found[key as keyof S] = value;
  }
  return found as Partial<S>;
}

/** Refuses keys that there are not, and values that make no sense. */
export function checkSettings<S>(values: object, settings: Settings<S>, kind: string): void {
  for (const [key, value] of Object.entries(values)) {
    const setting = settingOf(key, settings, kind);
    if (value !== undefined && !setting.allows(value))
      refuseSink(`${kind}: ${key} has to be ${setting.says}, not ${JSON.stringify(value)}`);
  }
}

function settingOf<S>(key: string, settings: Settings<S>, kind: string): Setting<unknown> {
  if (Object.hasOwn(settings, key)) return settings[key as keyof S];
  const known = Object.keys(settings);
  const near = nearest(key, known);
  const hint =
    near !== undefined
      ? `Did you mean ${near}?`
      : known.length > 0
        ? `${kind} knows ${known.join(', ')}.`
        : `${kind} takes no settings.`;
  return refuseSink(`${kind} has no setting ${JSON.stringify(key)}`, hint);
}

function decode(text: string, kind: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuseSink(`${kind}: ${JSON.stringify(text)} is not percent-encoded; write % as %25`);
  }
}
