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
