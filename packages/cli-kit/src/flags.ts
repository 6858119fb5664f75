import * as Flags from '@oclif/core/flags';

/** `--env FILE`: repeatable, or with commas. */
export const envFlag = () =>
  Flags.string({
    char: 'e',
    summary: 'Environment file; later files win.',
    helpValue: 'FILE',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
  });

/** `--formation web=2,worker=1` */
export const formationFlag = () =>
  Flags.string({char: 'm', summary: 'Instances of each process type.', helpValue: 'TYPE=N,…'});

/** `--port 5000` */
export const portFlag = (defaults: {default?: number; min?: number; summary?: string} = {}) =>
  Flags.integer({char: 'p', summary: 'Port to listen on.', helpValue: 'N', min: 0, max: 65_535, ...defaults});

/** `--out PATH` */
export const outFlag = (summary = 'Where to write to.') =>
  Flags.string({char: 'o', summary, helpValue: 'PATH'});

/** `--dry-run`: show what would change; exit 3 when something would. */
export const dryRunFlag = () =>
  Flags.boolean({
    char: 'n',
    summary: 'Show what would change and change nothing; exit 3 when something would.',
  });
