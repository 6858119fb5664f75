// A process of its own: the rights and the environment that it is started with are all that a package manager and its scripts get.
import {writeSync} from 'node:fs';
import {text} from 'node:stream/consumers';
import {install, rebuild} from '@keelson/package-manager';
import {isFault} from '@keelson/step';

/** What a package manager has to do in a folder. */
export type PackageWork =
  /** Installs what the lockfile says for production; no script runs. */
  | {readonly verb: 'install'; readonly dir: string}
  /** Runs the install scripts of these packages. */
  | {readonly verb: 'rebuild'; readonly dir: string; readonly packages: readonly string[]};

export interface WorkFault {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly temporary?: boolean | undefined;
}

/** A line of JSON on stdout. */
export type WorkMessage = {readonly line: string} | {readonly fault: WorkFault};

const say = (message: WorkMessage) => void writeSync(1, `${JSON.stringify(message)}\n`);

process.umask(0o022); // whoever runs the app has to read it, on hardened machines, too
const work = JSON.parse(await text(process.stdin)) as PackageWork;
const onEvent = ({line}: {readonly line: string}) => say({line});
try {
  if (work.verb === 'install') await install(work.dir, {production: true, onEvent});
  else await rebuild(work.dir, work.packages, {onEvent});
} catch (error) {
  const {message} = error as Error;
  say({fault: isFault(error) ? {message, hint: error.hint, temporary: error.temporary} : {message}});
  process.exitCode = 1;
}
