/** The lowest systemd that units are made for, unless the model says which one it is. */
export const LOWEST = 247;

/** The first version that knows a directive; a lower one only warns and goes on without it. */
const SINCE = {RestartMaxDelaySec: 254} as const;

export function knows(version: number | undefined, directive: keyof typeof SINCE): boolean {
  return (version ?? LOWEST) >= SINCE[directive];
}
