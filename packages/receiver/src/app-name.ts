import {ReceiverFault} from './fault.ts';

// Also a folder, a systemd unit and a DNS label: what is good for all of them.
const APP = /^[a-z][a-z0-9-]{0,62}$/;

/** Whether a name may be pushed to. */
export function isApp(name: string, apps: readonly string[] | undefined): boolean {
  return APP.test(name) && (apps === undefined || apps.includes(name));
}

/** Faults: RECEIVER_BAD_APP. */
export function checkApps(apps: readonly string[] | undefined): void {
  const bad = apps?.find((name) => !APP.test(name));
  if (bad !== undefined)
    throw new ReceiverFault('RECEIVER_BAD_APP', `${JSON.stringify(bad)} is no name for an app`, {
      hint: 'Use up to 63 lower case letters, digits and dashes, a letter first.',
    });
}
