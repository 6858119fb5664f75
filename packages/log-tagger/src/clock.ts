export type Timestamps = 'iso' | 'epoch' | 'relative' | 'none';

/** The time as text, made anew only when the millisecond has changed. */
export function clock(timestamps: Timestamps, start: number): () => string {
  const text = TEXTS[timestamps];
  let last = Number.NaN;
  let known = '';
  return () => {
    const time = Date.now();
    if (time !== last) known = text((last = time), start);
    return known;
  };
}

const TEXTS: Readonly<Record<Timestamps, (time: number, start: number) => string>> = {
  iso: (time) => new Date(time).toISOString(),
  epoch: String,
  relative: (time, start) => ((time - start) / 1000).toFixed(3),
  none: () => '',
};
