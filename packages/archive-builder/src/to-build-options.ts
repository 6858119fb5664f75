import {UsageError} from '@keelson/cli-kit';
import type {BuildOptions} from './build-options.ts';
import {cacheFolder} from './cache-folder.ts';
import {sourceDateEpoch} from './source-date-epoch.ts';

interface BuildFlags {
  readonly out?: string | undefined;
  readonly script?: readonly string[] | undefined;
  readonly scripts: boolean;
  readonly install: boolean;
  readonly rebuild?: readonly string[] | undefined;
  readonly 'verify-signatures': boolean;
  readonly 'min-release-age'?: number | undefined;
  readonly in?: string | undefined;
  readonly target?: string | undefined;
  readonly trace: boolean;
  readonly cache: boolean;
  readonly workspace?: string | undefined;
  readonly strip: boolean;
  readonly include?: readonly string[] | undefined;
  readonly secret?: readonly string[] | undefined;
  readonly 'allow-secret'?: readonly string[] | undefined;
}

/** What the command line and the environment say, as options of `buildArchive`. Throws UsageError. */
export function toBuildOptions(
  flags: BuildFlags,
  env: Readonly<Record<string, string | undefined>>,
): BuildOptions {
  if (!flags.scripts && flags.script !== undefined)
    throw new UsageError('--script names scripts to run, and --no-scripts says to run none');
  return {
    out: flags.out,
    scripts: flags.scripts ? flags.script : [],
    install: flags.install,
    dependencies: {
      rebuild: flags.rebuild,
      signatures: flags['verify-signatures'],
      minReleaseAge: flags['min-release-age'],
      within: flags.in === undefined ? undefined : commandWords(flags.in),
      target: flags.target,
    },
    modifiedAt: sourceDateEpoch(env['SOURCE_DATE_EPOCH']),
    cache: flags.cache ? cacheFolder(env) : undefined,
    workspace: flags.workspace,
    contents: {
      allowSecrets: flags['allow-secret'],
      secrets: flags.secret,
      include: flags.include,
      strip: flags.strip,
      trace: flags.trace,
    },
  };
}

/** Words of a command, split at blanks; quotes, single or double, keep them. Throws UsageError. */
function commandWords(text: string): string[] {
  const words = [...text.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) => word);
  const rest = text.replaceAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g, '').trim();
  if (words.length === 0 || rest !== '')
    throw new UsageError(`--in is ${JSON.stringify(text)}, no command with its quotes closed`);
  return words.map((word) =>
    word.replaceAll(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ''),
  );
}
