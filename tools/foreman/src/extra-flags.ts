/** Flags of `start` for what lives beside the processes: `attachmentsFor` and `launcherFor` get their values. */
export const extraFlags = () => ({});

export type Extras = object;
