/** The least that an event of a step holds. */
export interface StepEvent {
  readonly type: string;
}

/** An event that says how far something is. */
export interface Progress extends StepEvent {
  readonly done: number;
  readonly total: number;
}

export function isProgress(event: StepEvent): event is Progress {
  const {done, total} = event as Partial<Progress>;
  return typeof done === 'number' && typeof total === 'number';
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** `build:script-ran {name: 'build'}` → `script ran: name build`; an event that carries a line of a program is that line. */
export function eventText(event: StepEvent): string {
  const {type, ...data} = event as StepEvent & Record<string, unknown>;
  if (typeof data['line'] === 'string') return data['line'];
  const verb = type.slice(type.indexOf(':') + 1).replaceAll('-', ' ');
  const facts = Object.entries(data)
    .filter(([name, value]) => isScalar(value) && name !== 'done' && name !== 'total')
    .map(([name, value]) => `${name} ${String(value)}`);
  return facts.length === 0 ? verb : `${verb}: ${facts.join(', ')}`;
}
