import {duration, type Settings} from './setting.ts';

export interface CommandSettings {
  /** How many milliseconds the command may take nothing before it counts as failed. Default 5000. */
  readonly wait?: number | undefined;
}

export interface CommandSpec extends CommandSettings {
  readonly kind: 'command';
  /** A line for `sh -c`, or a program and its arguments, which no shell sees. */
  readonly command: string | readonly [string, ...string[]];
}

export const commandSettings: Settings<CommandSettings> = {wait: duration};
