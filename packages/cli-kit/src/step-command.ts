import {Command, Flags} from '@oclif/core';

/** Base of every command: JSON in and out, cancellation, events on stderr, exit codes. */
export abstract class StepCommand extends Command {
  static override enableJsonFlag = true;

  /** True when everything from the first positional on belongs to another program (`keelson tag node app.js --port 3`). */
  static runLike = false;

  static override baseFlags = {
    quiet: Flags.boolean({char: 'q', summary: 'Say nothing on stderr but failures.', helpGroup: 'GLOBAL'}),
  };

  readonly #abort = new AbortController();

  /** Aborted by SIGINT, SIGTERM and SIGHUP. */
  protected get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Spread into a step's options: its signal, and its events on stderr. */
  protected get step(): {signal: AbortSignal; onEvent: (event: {readonly type: string}) => void} {
    return {signal: this.signal, onEvent: () => undefined};
  }

  /** Text of an event on stderr; undefined says nothing. Override to say it better than the default. */
  protected describe(event: {readonly type: string}): string | undefined {
    return event.type;
  }

  /** One line on stdout, for people; silent under --json. */
  protected print(text: string): void {
    if (!this.jsonEnabled()) process.stdout.write(`${text}\n`);
  }

  /** The JSON value that an argument of `-` stands for, from stdin. */
  protected async readValue(argument: string): Promise<unknown> {
    return JSON.parse(argument);
  }

  /** A dry run found something to do: exit 3. */
  protected pendingChanges(): void {
    process.exitCode = 3;
  }
}
