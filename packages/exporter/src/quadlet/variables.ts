import type {CompleteModel} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';

/** Names that mean something to podman, conmon or the loader itself, which have them on the way to the container. */
const PODMANS =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|LANG|LC_|LD_|XDG_|DBUS_|GO|CONTAINER|CONTAINERS_|PODMAN_|REGISTRY_AUTH_|REGISTRIES_|STORAGE_|BUILDAH_|NOTIFY_SOCKET|LISTEN_|MAINPID|WATCHDOG_|INVOCATION_ID|JOURNAL_STREAM|SYSTEMD_|CNI_|NETAVARK_|.*_proxy|.*_PROXY|SSL_CERT_)/;

export interface PodmanVariables {
  /** Into the unit. */
  readonly inline: Readonly<Record<string, string>>;
  /** Names whose values systemd reads from a file that root alone reads, and podman takes from its own environment. */
  readonly passed: readonly string[];
}

export function podmanVariables(
  {envStorage}: CompleteModel,
  {env, defaultPath}: PlannedProcess,
): PodmanVariables {
  const all = Object.entries({PATH: defaultPath, ...env});
  const isInline = (name: string) => envStorage === 'inline' || PODMANS.test(name);
  return {
    inline: Object.fromEntries(all.filter(([name]) => isInline(name))),
    passed: all.map(([name]) => name).filter((name) => !isInline(name)),
  };
}
