/** Text as lines that do not steer the pusher's terminal: what an app printed may hold escape sequences. */
export function plainLines(text: string): string[] {
  // eslint-disable-next-line no-control-regex
  return text.split(/\r?\n/).map((line) => line.replace(/\x1b\[[0-9;]*m|[\0-\x08\x0b-\x1f\x7f]/g, ''));
}
