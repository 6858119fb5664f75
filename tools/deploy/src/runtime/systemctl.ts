import {run} from '@keelson/spawn';
import type {StepOptions} from '@keelson/step';
import {DeployServerFault} from '../fault.ts';

/** Root's own manager, or the one of the user: `systemctl --user`. */
export type SystemdScope = 'system' | 'user';

const LINES_OF_UNIT = 4;

/** Runs systemctl; resolves with what it printed. Faults: SERVE_SYSTEMD, with its own words. */
export async function systemctl(
  scope: SystemdScope,
  args: readonly string[],
  {signal}: StepOptions = {},
): Promise<string> {
  const {code, stdout, stderr} = await ask(scope, args, signal);
  if (code === 0) return stdout.trim();
  const said = [stderr.trim() === '' ? stdout.trim() : stderr.trim()];
  // systemctl itself only says where to look.
  if (args[0] === 'start')
    for (const unit of args.slice(1)) said.push(...(await journalLines(scope, unit, LINES_OF_UNIT)));
  throw new DeployServerFault(
    'SERVE_SYSTEMD',
    `systemctl ${args.join(' ')} ended with ${code}: ${said.join('\n')}`,
    {
      hint: `What the units said: journalctl ${scope === 'user' ? '--user ' : ''}--unit ${args.at(-1)}`,
    },
  );
}

/** Whether a unit runs. */
export async function isActive(scope: SystemdScope, unit: string): Promise<boolean> {
  const {stdout} = await ask(scope, ['is-active', unit], undefined);
  return ['active', 'activating', 'reloading'].includes(stdout.trim());
}

/** Takes a unit that failed from the list of those; one that did not is none there. */
export async function forgetFailure(scope: SystemdScope, unit: string): Promise<void> {
  await ask(scope, ['reset-failed', unit], undefined);
}

/** What a unit's own program said last; none where the journal is not for us. */
export async function journalLines(scope: SystemdScope, unit: string, lines: number): Promise<string[]> {
  const which = scope === 'user' ? ['--user', '--user-unit', unit] : ['--unit', unit];
  const args = [...which, '--no-pager', '--quiet', '--output=cat', `--lines=${lines}`];
  const {stdout} = await run({command: 'journalctl', args}, {accept: ANY_CODE});
  return stdout === '' ? [] : stdout.trimEnd().split('\n');
}

// is-active says it with its exit code, too
const ANY_CODE = Array.from({length: 256}, (_, code) => code);

function ask(scope: SystemdScope, args: readonly string[], signal: AbortSignal | undefined) {
  const argv = [...(scope === 'user' ? ['--user'] : []), '--no-pager', ...args];
  return run({command: 'systemctl', args: argv}, {accept: ANY_CODE, signal});
}
