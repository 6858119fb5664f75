import {Flags} from '@keelson/cli-kit';

/** `--ready`, `--ready-timeout` and `--depends`: the same as in package.json, for a Procfile without one. */
export const readyFlags = () => ({
  ready: Flags.string({
    summary: 'When TYPE is ready: port, port:N, /PATH that answers, or line:REGEX. Repeatable.',
    helpValue: 'TYPE=CONDITION',
    multiple: true,
    multipleNonGreedy: true,
  }),
  'ready-timeout': Flags.integer({
    summary: 'Seconds that a process may take to be ready. Default: 30.',
    helpValue: 'S',
    min: 1,
    max: 3600,
  }),
  depends: Flags.string({
    summary: 'TYPE starts only when the others are ready. Repeatable.',
    helpValue: 'TYPE=TYPE,…',
    multiple: true,
    multipleNonGreedy: true,
  }),
});
