import {dirname} from 'node:path';
import {exitStatus, run, type Exit} from '@keelson/spawn';
import {isFault, type StepOptions} from '@keelson/step';
import {PackageManagerFault} from './fault.ts';

interface Call {
  readonly command: string;
  readonly before: readonly string[];
  /** Environment variables to set in there: a container does not inherit ours. */
  readonly settings: Readonly<Record<string, string>>;
}

/** A command in a folder of another environment: `chroot` and containers begin in a folder of their own. */
export function wordsWithin(
  within: readonly string[] | undefined,
  dir: string,
  {command, before, settings}: Call,
): {readonly command: string; readonly before: readonly string[]} {
  const [program, ...words] = within ?? [];
  if (program === undefined) return {command, before};
  const pairs = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const line = 'cd "$1" && shift && exec env "$@"';
  return {command: program, before: [...words, 'sh', '-c', line, 'sh', dir, ...pairs, command, ...before]};
}

export interface FoundRuntime {
  readonly version: string;
  readonly abi: string;
  readonly platform: string;
  readonly arch: string;
  readonly libc?: 'glibc' | 'musl' | undefined;
}

const FACTS = `JSON.stringify({
  version: process.versions.node, abi: process.versions.modules, platform: process.platform, arch: process.arch,
  libc: process.platform !== 'linux' ? undefined : process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl',
})`;

/** The Node in another environment, which must see this folder. Faults: PM_ENVIRONMENT. */
export async function runtimeWithin(
  dir: string,
  within: readonly string[],
  {signal}: StepOptions = {},
): Promise<FoundRuntime> {
  const {command, before} = wordsWithin(within, dir, {command: 'node', before: ['-p', FACTS], settings: {}});
  try {
    const {stdout} = await run({command, args: before}, {signal});
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as FoundRuntime;
  } catch (error) {
    if (isFault(error) && !error.code.startsWith('SPAWN_')) throw error;
    signal?.throwIfAborted();
    const {output} = error as {output?: Exit & {stderr: string}};
    const ended = output === undefined ? (error as Error).message : `it ended with ${exitStatus(output)}`;
    const printed = output?.stderr.trim() ?? '';
    // What sh says of the `cd` before Node. The folder above: this one a build calls by the name of its source.
    const because = /\bcd: /.test(printed) ? `there is no ${dirname(dir)}` : printed || ended;
    throw new PackageManagerFault(
      'PM_ENVIRONMENT',
      `${within.join(' ')} cannot run Node where the build takes place: ${because}`,
      {
        cause: error,
        hint: 'It needs sh, env and node, and this folder under the same path: set TMPDIR to a folder that both have, e.g. a bind mount.',
      },
    );
  }
}
