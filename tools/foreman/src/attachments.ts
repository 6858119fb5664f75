import type {Extras} from './extra-flags.ts';
import type {StartPlan} from './process-plan.ts';
import type {Launcher} from './running-process.ts';
import type {Attachment} from './runner.ts';

/** What lives beside the processes of a plan. */
export async function attachmentsFor(plan: StartPlan, extras: Extras): Promise<Attachment[]> {
  const attachments: Attachment[] = [];
  if (extras.control !== undefined)
    attachments.push((await import('./control-attachment.ts')).controlAttachment(extras.control));
  if (plan.processes.some(({watch}) => watch.length > 0))
    attachments.push((await import('./watch-attachment.ts')).watchAttachment);
  if (extras.proxies !== undefined)
    attachments.push(
      ...(await import('./proxy/proxy-attachments.ts')).proxyAttachments(plan, extras.proxies),
    );
  return attachments;
}

/** How processes are started; undefined: with pipes. */
export async function launcherFor({terminal}: Extras): Promise<Launcher | undefined> {
  if (terminal === undefined) return undefined;
  return (await import('./pty-launch.ts')).terminalLauncher(terminal);
}
