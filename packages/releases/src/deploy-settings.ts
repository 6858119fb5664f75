import {ReleaseFault} from './fault.ts';
import {readIfThere} from './release-store.ts';

/** `<root>/keelson.json`: how this deployment differs from what the app says. Every key is optional. */
export interface DeploySettings {
  /** Good releases kept for a rollback. */
  readonly keep?: number | undefined;
  /** Milliseconds after the switch in which a failure of the new version switches back. */
  readonly bakeMs?: number | undefined;
  readonly health?: {readonly path?: string | undefined; readonly timeoutMs?: number | undefined} | undefined;
  /** Process type → instances. */
  readonly formation?: Readonly<Record<string, number>> | undefined;
  /** Memory of all processes together, e.g. `512M`. */
  readonly memory?: string | undefined;
  readonly cpus?: number | undefined;
  /** First port of the app. */
  readonly port?: number | undefined;
}

/** Reads and checks keelson.json; a missing one says nothing. Fault RELEASE_SETTINGS. */
export async function readSettings(path: string): Promise<DeploySettings> {
  const text = await readIfThere(path);
  if (text === undefined) return {};
  const {checkSettings} = await import('./settings-schema.ts');
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new ReleaseFault('RELEASE_SETTINGS', `${path} is not JSON: ${(cause as Error).message}`, {cause});
  }
  const checked = checkSettings(value);
  if ('problems' in checked)
    throw new ReleaseFault('RELEASE_SETTINGS', checked.problems.map((one) => `${path}: ${one}`).join('\n'));
  return checked.settings;
}
