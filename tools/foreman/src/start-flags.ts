import {Flags, formationFlag, portFlag} from '@keelson/cli-kit';

import {appFlags} from './app-flags.ts';
import {extraFlags} from './extra-flags.ts';
import {readyFlags} from './ready-flags.ts';
import {secondsFlag} from './seconds-flag.ts';
import {watchFlags} from './watch-flag.ts';

const names = (summary: string) =>
  Flags.string({summary, helpValue: 'NAME,…', multiple: true, multipleNonGreedy: true, delimiter: ','});

/** Everything that `start` can be told. */
export const startFlags = () => ({
  ...appFlags(),
  formation: formationFlag(),
  port: portFlag({min: 1, summary: 'Port of the first process. Default: PORT, else 5000.'}),
  'port-step': Flags.integer({
    summary: 'Ports from one type to the next. Default: 100.',
    helpValue: 'N',
    min: 1,
  }),
  'ports-by': Flags.option({
    summary: 'What the ports of the types are counted in. Default: procfile.',
    options: ['procfile', 'selection'] as const,
  })(),
  'no-port': Flags.boolean({summary: 'Set no PORT.', exclusive: ['port', 'port-step']}),

  timeout: secondsFlag(),
  'any-exit': Flags.boolean({summary: 'Stop when any process ends, whatever package.json says.'}),
  'can-die': names('Types that may end while the others run on; or all.'),
  'stop-on': Flags.option({
    summary: 'Whose end stops the others. Default: any.',
    options: ['any', 'failure', 'none'] as const,
  })(),
  restart: Flags.boolean({char: 'R', summary: 'Start again what fails, after a pause that grows.'}),
  'restart-limit': Flags.integer({
    summary: 'Restarts in a row, after which it counts as ended. Default: 10.',
    helpValue: 'N',
    min: 0,
  }),
  ...readyFlags(),
  ...watchFlags(),

  format: Flags.option({
    summary: 'How lines are shown. Default: text.',
    options: ['text', 'json', 'raw'] as const,
  })(),
  raw: Flags.boolean({
    char: 'r',
    aliases: ['no-prefix'],
    summary: 'The same as --format raw: nothing but the bytes.',
    exclusive: ['format'],
  }),
  timestamps: Flags.option({
    summary: 'In front of lines. Default: time.',
    options: ['time', 'iso', 'epoch', 'none'] as const,
  })(),
  'no-timestamp': Flags.boolean({summary: 'The same as --timestamps none.', exclusive: ['timestamps']}),
  color: Flags.boolean({
    aliases: ['colour'],
    summary: 'Colours. Default: on a terminal, NO_COLOR and FORCE_COLOR aside.',
    allowNo: true,
  }),
  trim: Flags.integer({summary: 'Show N characters of a line.', helpValue: 'N', min: 1, exclusive: ['wrap']}),
  wrap: Flags.boolean({char: 'w', summary: 'Break lines at the width of the terminal.'}),
  hide: names('Processes or types whose lines are not shown.'),
  'blocking-output': Flags.boolean({
    summary: 'Let Node programs lose no output when they exit; --no-blocking-output: leave them alone.',
    default: true,
    allowNo: true,
  }),
  ...extraFlags(),
});
