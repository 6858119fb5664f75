import type {ForemanApp} from './read-app.ts';

/** A line for each variable that comes from an env file: its value only where it can hold no secret. */
export async function shownEnv({env, fromFiles}: Pick<ForemanApp, 'env' | 'fromFiles'>): Promise<string[]> {
  const {redactEnv} = await import('@keelson/env');
  const values = Object.fromEntries([...fromFiles.keys()].map((name) => [name, env[name]!]));
  const shown = redactEnv({kind: 'bound-env', values, origin: {}, digest: '', warnings: []}).values;
  return Object.entries(shown).map(([name, value]) => `env ${name}=${value} (${fromFiles.get(name)})`);
}
