/** So soon nobody is impatient. */
const ECHO_MS = 250;

/**
 * Makes listeners of ending signals deaf to the echo of the first one: timeout(1) and npm pass a signal on that the whole process group
 * gets, too.
 */
export function withoutEchoes(): (
  listener: (name: NodeJS.Signals) => void,
) => (name: NodeJS.Signals) => void {
  let askedAt: number | undefined;
  return (listener) => (name) => {
    const now = performance.now();
    if (askedAt !== undefined && now - askedAt < ECHO_MS) return;
    askedAt ??= now;
    listener(name);
  };
}
