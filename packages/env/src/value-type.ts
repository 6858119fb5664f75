/** What a value has to be. Every value is a `string`, also an empty one. */
export type EnvType = 'string' | 'int' | 'number' | 'bool' | 'port' | 'url' | 'json';

interface TypeRule {
  /** As in `PORT has to be …`. */
  readonly says: string;
  readonly fits: (value: string) => boolean;
}

const RULES = {
  string: {says: 'a text', fits: () => true},
  int: {
    says: 'a whole number',
    fits: (value) => /^[+-]?\d+$/.test(value) && Number.isSafeInteger(Number(value)),
  },
  number: {
    says: 'a number',
    fits: (value) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) && Number.isFinite(Number(value)),
  },
  bool: {
    says: 'true or false (or 1, 0, yes, no, on, off)',
    fits: (value) => /^(true|false|1|0|yes|no|on|off)$/i.test(value),
  },
  port: {
    says: 'a port (1 to 65535)',
    fits: (value) => /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535,
  },
  url: {
    says: 'a URL with a scheme (https://…)',
    fits: (value) => /^[a-z][a-z0-9+.-]*:\/\//i.test(value) && URL.canParse(value),
  },
  json: {says: 'JSON', fits: isJson},
} satisfies Record<EnvType, TypeRule>;

/** The types by name. */
export const ENV_TYPES = Object.keys(RULES) as readonly EnvType[];

/** Why a value is not of a type, as in `PORT has to be …`; undefined: it is. */
export function typeProblem(type: EnvType, value: string): string | undefined {
  const rule: TypeRule = RULES[type];
  return rule.fits(value) ? undefined : `has to be ${rule.says}`;
}

function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
