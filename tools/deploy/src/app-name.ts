// Also a folder, a systemd unit and a DNS label: what the receiver takes, too.
const APP = /^[a-z][a-z0-9-]{0,62}$/;

/** Whether an app can have this name. */
export function isAppName(name: string): boolean {
  return APP.test(name);
}
