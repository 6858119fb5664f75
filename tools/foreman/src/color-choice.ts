import type {WriteStream} from 'node:tty';

/** What is known of a place that lines go to. */
export interface Place {
  readonly isTTY?: boolean;
  readonly getColorDepth?: WriteStream['getColorDepth'];
}

export interface ColorChoice {
  readonly color: boolean;
  /** FORCE_COLOR for children, which see a pipe: 1 for 16 colours, 2 for 256, 3 for all. Undefined: leave them alone. */
  readonly level: number | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

/** A flag counts most, then NO_COLOR (no-color.org), FORCE_COLOR (force-color.org), then whether it is a terminal that can. */
export function colorChoice(asked: boolean | undefined, place: Place, env: Env): ColorChoice {
  const color = asked ?? wanted(place, env);
  const forced = env['FORCE_COLOR'] !== undefined || env['NO_COLOR'] !== undefined;
  // Who has said so in the environment has said it to the children, too.
  return {color, level: color && !(forced && asked === undefined) ? levelOf(place, env) : undefined};
}

function wanted(place: Place, env: Env): boolean {
  if (isSet(env['NO_COLOR'])) return false;
  if (isSet(env['FORCE_COLOR'])) return !['0', 'false'].includes(env['FORCE_COLOR']!);
  return place.isTTY === true && depth(place, env) > 1;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

function depth(place: Place, env: Env): number {
  return place.getColorDepth?.(env as object) ?? 1;
}

function levelOf(place: Place, env: Env): number {
  const bits = depth(place, env);
  return bits >= 24 ? 3 : bits >= 8 ? 2 : 1;
}
