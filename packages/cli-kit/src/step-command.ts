import {Command} from '@oclif/core/command';
import {boolean} from '@oclif/core/flags';
import type {Config, Interfaces} from '@oclif/core';

import {createEventRenderer, isLive, type EventRenderer} from './event-renderer.ts';
import {eventText, type StepEvent} from './event-text.ts';
import {readJsonInput} from './read-json-input.ts';
import {redactUrls} from './redact-urls.ts';
import {separateProgram} from './run-like.ts';
import {talkStream} from './standard-streams.ts';
import {watchStopSignals, type StopWatch} from './stop-signals.ts';

/**
 * Base of every command: the value that `run()` returns is what --json prints; stdout is data, stderr is talk.
 * A class says its `summary`, `args`, `flags` and `examples`, parses, calls one function and prints.
 */
export abstract class StepCommand extends Command {
  /** False for a command whose stdout is taken by something else than its value: then there is no --json. */
  static override enableJsonFlag = true;

  /** True when everything from the first positional on belongs to another program (`keelson tag node app.js --port 3`). */
  static runLike = false;

  static override baseFlags = {
    quiet: boolean({char: 'q', summary: 'Say nothing on stderr but what went wrong.', helpGroup: 'GLOBAL'}),
  };

  #renderer: EventRenderer | undefined;
  #stop: StopWatch | undefined;
  #quiet = false;

  constructor(argv: string[], config: Config) {
    const {baseFlags, flags, runLike} = new.target;
    super(runLike ? separateProgram(argv, {...baseFlags, ...flags}) : argv, config);
  }

  /**
   * Aborted by the first SIGINT, SIGTERM or SIGHUP; a second one ends the process at once.
   * A command that never asks for it dies of the signal, as any program does.
   */
  protected get signal(): AbortSignal {
    this.#stop ??= watchStopSignals(() => this.#renderer?.clear());
    return this.#stop.signal;
  }

  /** Spread into a step's options: its signal, and its events on stderr. */
  protected get step(): {readonly signal: AbortSignal; readonly onEvent: (event: StepEvent) => void} {
    return {signal: this.signal, onEvent: (event) => this.#tell(event)};
  }

  /** Text of an event on stderr; undefined says nothing. Override it where the general wording is not good enough. */
  protected describe(event: StepEvent): string | undefined {
    return eventText(event);
  }

  /** One line on stdout for people; nothing under --json. */
  protected print(text: string): void {
    if (this.jsonEnabled()) return;
    this.#renderer?.clear();
    process.stdout.write(`${redactUrls(text)}\n`);
  }

  /** The JSON value on stdin when the argument is `-`; any other argument as it is. */
  protected async readValue(argument: string): Promise<unknown> {
    return argument === '-' ? readJsonInput(process.stdin, this.signal) : argument;
  }

  /** A dry run found something to do: exit 3. */
  protected pendingChanges(): void {
    process.exitCode = 3;
  }

  /** What asks this command to end; undefined while it has not begun to listen. For the runner. */
  get stopWatch(): StopWatch | undefined {
    return this.#stop;
  }

  /** Takes the status line away. For the runner. */
  clearStatus(): void {
    this.#renderer?.clear();
  }

  /** `--json` before a `--`. */
  override jsonEnabled(): boolean {
    const end = this.argv.indexOf('--');
    return this.ctor.enableJsonFlag && this.argv.slice(0, end === -1 ? undefined : end).includes('--json');
  }

  override log(message = ''): void {
    this.print(message);
  }

  override logToStderr(message = ''): void {
    this.#talk().line(message);
  }

  override warn(input: Error | string): Error | string {
    this.#talk().line(`warning: ${typeof input === 'string' ? input : input.message}`);
    return input;
  }

  protected override async parse<
    F extends Record<string, any>,
    B extends Record<string, any>,
    A extends Record<string, any>,
  >(options?: Interfaces.Input<F, B, A>, argv = this.argv): Promise<Interfaces.ParserOutput<F, B, A>> {
    const input = options ?? (this.ctor as unknown as Interfaces.Input<F, B, A>);
    // oclif fills a missing argument from stdin, whatever is piped in there: a step's input is not its argument.
    const args = Object.entries(input.args ?? {}).map(([name, arg]) => [
      name,
      {...(arg as object), ignoreStdin: true},
    ]);
    const {baseFlags, enableJsonFlag, flags} = input;
    const parsed = await super.parse<F, B, A>(
      {...input, args: Object.fromEntries(args), baseFlags, enableJsonFlag, flags} as Interfaces.Input<
        F,
        B,
        A
      >,
      argv,
    );
    // oclif sorts `argv` by where each word stands first, so `echo a b a` would become `echo a a b`.
    const words = parsed.raw.filter((token) => token.type === 'arg').map((token) => token.input);
    this.#quiet = parsed.flags['quiet'] === true;
    return {...parsed, argv: words};
  }

  #talk(): EventRenderer {
    const stream = talkStream();
    this.#renderer ??= createEventRenderer({
      stream,
      live: isLive(stream, process.env),
      describe: (event) => this.describe(event),
    });
    return this.#renderer;
  }

  /** Under --json a program reads us: events are for a person who watches, then. */
  #tell(event: StepEvent): void {
    const silent = this.#quiet || (this.jsonEnabled() && process.stderr.isTTY !== true);
    if (!silent) this.#talk().event(event);
  }
}
