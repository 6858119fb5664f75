import {dirname} from 'node:path';
import {fileURLToPath} from 'node:url';
import {removeTree} from '@keelson/atomic-fs';
import {redactCredentials, run, type SpawnFault} from '@keelson/spawn';
import {isFault, type StepOptions} from '@keelson/step';
import {isClosedTo, withRights, type Rights} from './account.ts';
import type {AppNode} from './app-node.ts';
import {PrepareFault} from './fault.ts';
import type {PackageWork, WorkFault, WorkMessage} from './package-work-program.ts';
import {scriptEnvironment} from './script-environment.ts';
import {workHome} from './work-home.ts';

export interface WorkOptions extends StepOptions {
  readonly rights: Rights;
  /** Which scripts find as `node`. Default this one. */
  readonly node?: AppNode | undefined;
  readonly onLine?: ((line: string) => void) | undefined;
}

const PROGRAM = fileURLToPath(new URL('package-work-program.js', import.meta.url));

/**
 * Has a package manager work in a process of its own, with the rights and the environment of the app's user. Scripts never see our
 * environment. Faults: PREPARE_NEEDS_USER, PREPARE_INSTALL_FAILED (the package manager's own words).
 */
export async function packageWork(
  work: PackageWork,
  {rights, node, signal, onLine}: WorkOptions,
): Promise<void> {
  await requireOpen(work.dir, rights);
  const installing = work.verb === 'install';
  const home = workHome(rights);
  try {
    const spec = {
      command: process.execPath,
      args: [PROGRAM],
      cwd: work.dir,
      env: scriptEnvironment({installing, home, node}),
      input: JSON.stringify(work),
    };
    // Installing runs none of the app's code: as root it is only untidy.
    const whose = installing && rights === 'none' ? 'own' : rights;
    let failure: WorkFault | undefined;
    const onEvent = ({stream, line}: {stream: 'out' | 'err'; line: string}) => {
      const message = stream === 'out' ? messageOf(line) : {line};
      if ('fault' in message) failure = message.fault;
      else onLine?.(redactCredentials(message.line));
    };
    const why = `install scripts of ${installing ? 'dependencies' : work.packages.join(', ')} would run as root`;
    await runOrTell(
      () => run(withRights(spec, whose, why), {signal, onEvent}),
      () => failure,
    );
  } finally {
    if (home !== undefined) await removeTree(home.path);
  }
}

/** What lies in root's home, as a Node of a version manager does there, is nothing that another account could run. */
async function requireOpen(dir: string, rights: Rights): Promise<void> {
  const needed = [
    [dir, 'Open the folders above it (chmod o+x), or choose another one.'],
    [dirname(PROGRAM), 'Install Keelson where every account can read it, such as below /usr/local.'],
    [dirname(process.execPath), 'Use a Node that every account can run, such as one below /usr/local.'],
  ] as const;
  for (const [folder, hint] of needed)
    if (await isClosedTo(folder, rights))
      throw new PrepareFault('PREPARE_NEEDS_USER', `${folder} is closed to the user whose code it is`, {
        hint,
      });
}

async function runOrTell(work: () => Promise<unknown>, failure: () => WorkFault | undefined): Promise<void> {
  try {
    await work();
  } catch (cause) {
    const told = failure();
    if (!isFault(cause) || !cause.code.startsWith('SPAWN_')) throw cause;
    const {output} = cause as SpawnFault;
    const message = told?.message ?? `the package manager failed: ${output?.stderr.trim() || cause.message}`;
    const {hint, temporary} = told ?? {};
    throw new PrepareFault('PREPARE_INSTALL_FAILED', redactCredentials(message), {cause, hint, temporary});
  }
}

function messageOf(line: string): WorkMessage {
  try {
    return JSON.parse(line) as WorkMessage;
  } catch {
    return {line};
  }
}
