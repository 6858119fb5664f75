import type {CompleteProcess} from '../model-schema.ts';
import type {Amount} from '../service-rules.ts';

type Limits = CompleteProcess['limits'];

/** The letter of ulimit(1), and how many bytes one of its units is. `nproc` is `-u` of bash and ksh, `-p` of dash. */
const LETTERS = [
  ['core', 'c', 512],
  ['as', 'v', 1024],
  ['data', 'd', 1024],
  ['stack', 's', 1024],
  ['memlock', 'l', 1024],
  ['fsize', 'f', 512],
] as const;

const units = (amount: Amount, size: number) =>
  amount === 'infinity' ? 'unlimited' : String(Math.ceil(amount / size));

/** Both limits of open files; one number is both. */
export function fileLimits(nofile: NonNullable<Limits['nofile']>): {
  readonly soft: Amount;
  readonly hard: Amount;
} {
  return typeof nofile === 'object' ? nofile : {soft: nofile, hard: nofile};
}

/** Shell lines that set the limits of the shell and of what it becomes; one that cannot be set ends it. */
export function limitCommands(limits: Limits): string[] {
  const files = limits.nofile === undefined ? undefined : fileLimits(limits.nofile);
  const {nproc} = limits;
  return [
    // The soft one first: the hard one may not fall below it.
    ...(files
      ? [`ulimit -S -n ${units(files.soft, 1)} && ulimit -H -n ${units(files.hard, 1)} || exit 1`]
      : []),
    ...(nproc === undefined
      ? []
      : [`ulimit -u ${units(nproc, 1)} 2>/dev/null || ulimit -p ${units(nproc, 1)} || exit 1`]),
    ...LETTERS.flatMap(([name, letter, size]) => {
      const amount = limits[name];
      return amount === undefined ? [] : [`ulimit -${letter} ${units(amount, size)} || exit 1`];
    }),
  ];
}
