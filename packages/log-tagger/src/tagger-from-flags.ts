import type {LineFlags} from './flag-settings.ts';
import type {SinkEvent, SinkOptions} from './sinks/sink-options.ts';
import type {TaggerEvent, TaggerOptions} from './tagger-options.ts';

interface DestinationFlags {
  /** Default: stdout. */
  readonly to?: readonly string[] | undefined;
  /** Default 'iso', and 'none' where the journal reads stdout. */
  readonly timestamps?: TaggerOptions['timestamps'];
}

interface Surroundings {
  readonly onEvent: (event: TaggerEvent | SinkEvent) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What the flags of `keelson-tag` ask of a tagger. Faults: TAGGER_SINK_INVALID, TAGGER_OPTIONS. */
export async function taggerFromFlags(
  {to = [], timestamps, ...flags}: LineFlags & DestinationFlags,
  {env, onEvent}: Surroundings,
): Promise<TaggerOptions> {
  const {lineSettings} = await import('./flag-settings.ts');
  const toStdout = to.length === 0;
  // Somebody reads along.
  const person = toStdout && process.stdout.isTTY;
  return {
    ...lineSettings(flags, person),
    timestamps: timestamps ?? (toStdout && (await isJournal(1, env['JOURNAL_STREAM'])) ? 'none' : 'iso'),
    sink: toStdout ? process.stdout : await sinks(to, {onEvent}),
    color: person && !env['NO_COLOR'],
    onEvent,
  };
}

async function sinks(to: readonly string[], options: SinkOptions): Promise<TaggerOptions['sink']> {
  const {createSink} = await import('./create-sink.ts');
  return to.map((one) => createSink(one, options));
}

/** Whether a descriptor of ours is what systemd names in JOURNAL_STREAM (systemd.exec(5)): the journal adds the time itself. */
async function isJournal(fd: number, journalStream: string | undefined): Promise<boolean> {
  if (journalStream === undefined) return false;
  const {fstatSync} = await import('node:fs');
  // Not as plain numbers: Node's realpath looks at those of the latest stat, and then leaves links unresolved in what is imported.
  const {dev, ino} = fstatSync(fd, {bigint: true});
  return journalStream === `${dev}:${ino}`;
}
