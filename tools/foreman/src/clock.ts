const CLOCKS = {
  time: localTime,
  iso: (time: Date) => time.toISOString(),
  epoch: (time: Date) => (time.getTime() / 1000).toFixed(3),
  none: () => '',
} satisfies Record<string, (time: Date) => string>;

/** time: `12:42:00`, local. iso: ISO 8601, UTC, milliseconds. epoch: seconds with milliseconds. */
export type ClockKind = keyof typeof CLOCKS;

/** The time as text, made anew only when it has changed. */
export function clockOf(kind: ClockKind): () => string {
  const unitMs = kind === 'time' ? 1000 : 1;
  const write = CLOCKS[kind];
  let last = Number.NaN;
  let text = '';
  return () => {
    const now = Date.now();
    const unit = Math.floor(now / unitMs);
    if (unit !== last) {
      last = unit;
      text = write(new Date(now));
    }
    return text;
  };
}

function localTime(time: Date): string {
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
