export type EnvMap = Readonly<Record<string, string>>;

export function parseEnv(_text: string, _options: {readonly path?: string | undefined} = {}): EnvMap {
  throw new Error('soon');
}
