import type {StepOptions} from '@keelson/step';
import {userEnvironment, type Environment} from './git-environment.ts';
import {credentialsOf, type RemoteAddress} from './remote.ts';
import {runGit, type GitCall} from './run-git.ts';

export interface RemoteOptions<E = never> extends StepOptions<E> {
  /**
   * Silence over http(s), or of a machine that ssh talks to, after which the remote is given up; thirty times that while it works on a
   * push. Whatever way it is, all ends after 120 times that. Default 60 000.
   */
  readonly stallMs?: number | undefined;
}

const STALL_MS = 60_000;
const AT_WORK = 30;
const ALTOGETHER = 120;

/** What git is given for a remote: the bare URL in argv, the credentials where `ps` does not show them, and when to give up. */
export async function remoteCall(
  remote: RemoteAddress,
  {signal, stallMs = STALL_MS}: RemoteOptions<never>,
  {push = false}: {readonly push?: boolean} = {},
): Promise<{readonly url: string; readonly call: GitCall}> {
  const {url, authorization} = credentialsOf(remote);
  const seconds = Math.max(1, Math.ceil(stallMs / 1000));
  const settings = {
    'http.lowSpeedLimit': '1',
    'http.lowSpeedTime': String(push ? AT_WORK * seconds : seconds),
    // git would send the header to wherever the server redirects.
    ...(authorization && {
      [`http.${url}.extraHeader`]: `Authorization: ${authorization}`,
      [`http.${url}.followRedirects`]: 'false',
    }),
    ...((await usesPlainSsh(url, signal)) && {'core.sshCommand': patientSsh(seconds)}),
  };
  const env = {...userEnvironment(), ...configuration(settings)};
  return {url, call: {env, signal, timeoutMs: ALTOGETHER * stallMs}};
}

/** git-config(1), GIT_CONFIG_COUNT. */
function configuration(settings: Readonly<Record<string, string>>): Environment {
  const entries = Object.entries(settings);
  const pairs = entries.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return {GIT_CONFIG_COUNT: String(entries.length), ...Object.fromEntries(pairs)};
}

/** Left alone it waits forever for a machine that took the connection and says nothing. */
function patientSsh(seconds: number): string {
  return `ssh -oConnectTimeout=${seconds} -oServerAliveInterval=${Math.ceil(seconds / 3)}`;
}

/** Whether git would start `ssh` as it stands: nobody chose another command for it (git-config(1), core.sshCommand). */
async function usesPlainSsh(url: string, signal: AbortSignal | undefined): Promise<boolean> {
  if (/^(https?|git|file):/i.test(url) || url.startsWith('/')) return false;
  const env = userEnvironment();
  if (env['GIT_SSH_COMMAND'] !== undefined || env['GIT_SSH'] !== undefined) return false;
  const {code} = await runGit(['config', '--get', 'core.sshCommand'], {env, accept: [0, 1], signal});
  return code === 1;
}
