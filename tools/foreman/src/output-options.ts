import {colorChoice, type Place} from './color-choice.ts';
import type {StartFlags} from './plan-options.ts';
import type {OutputOptions} from './process-output.ts';

interface Terminal {
  readonly stdout: OutputOptions['stdout'] & Place & {readonly columns?: number};
  readonly stderr: OutputOptions['stderr'];
  readonly env: Readonly<Record<string, string | undefined>>;
}

// What stands in front of a line beside the name: `12:42:00 ` and ` | `.
const PREFIX_WIDTH = 12;
const NARROWEST = 20;
const COLUMNS = 80;

/** What the flags say about the lines. */
export function outputOptionsOf(
  flags: StartFlags,
  {stdout, stderr, env}: Terminal,
): {readonly output: OutputOptions; readonly colorLevel: number | undefined} {
  const {color, level} = colorChoice(flags.color, stdout, env);
  const format = flags.raw ? 'raw' : flags.format;
  const wrap = flags.wrap ? Math.max(NARROWEST, (stdout.columns ?? COLUMNS) - PREFIX_WIDTH - 16) : undefined;
  return {
    colorLevel: level,
    output: {
      stdout,
      stderr,
      format,
      timestamps: flags['no-timestamp'] ? 'none' : flags.timestamps,
      color: color && format !== 'json',
      fit: {trim: flags.trim, wrap},
      hide: flags.hide,
      notes: !flags.quiet,
    },
  };
}
