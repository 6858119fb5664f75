let next = 0;

/** A duration for sleep(1) that no other process of this machine sleeps. */
export function uniqueSeconds(): string {
  return `9${process.pid}.${++next}7`;
}
