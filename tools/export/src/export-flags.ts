import {dryRunFlag, envFlag, Flags, formationFlag, portFlag} from '@keelson/cli-kit';

const many = (summary: string, helpValue: string) =>
  Flags.string({multiple: true, multipleNonGreedy: true, summary, helpValue});
const limit = (of: string) =>
  Flags.string({summary: `Limit of ${of}, or infinity.`, helpValue: 'N', helpGroup: 'LIMITS'});

/** Flags of the command of every format. */
export const exportFlags = () => ({
  out: Flags.string({
    char: 'o',
    summary: 'Directory to write the files to.',
    helpValue: 'DIR',
    exclusive: ['install', 'uninstall', 'root'],
  }),
  install: Flags.boolean({
    summary: "Write to the manager's own directory and tell the manager.",
    exclusive: ['uninstall'],
  }),
  uninstall: Flags.boolean({summary: 'Stop the app and take away what --install wrote.'}),
  root: Flags.string({summary: 'Install into this tree (an image); no manager is told.', helpValue: 'DIR'}),
  scope: Flags.option({
    options: ['system', 'user'] as const,
    summary: 'Whose manager: of the system (default), or of the user who calls.',
  })(),
  app: Flags.string({
    char: 'a',
    summary: 'Name of the units; default: the name of the package.',
    helpValue: 'NAME',
  }),
  user: Flags.string({
    char: 'u',
    summary: 'Account of the processes; default: the owner of DIR.',
    helpValue: 'USER',
  }),
  group: Flags.string({
    char: 'g',
    summary: 'Group of the processes.',
    helpValue: 'GROUP',
    dependsOn: ['user'],
  }),
  runner: Flags.option({
    options: ['none', 'supervisor', 'foreman'] as const,
    summary: 'What runs the processes below the manager: nothing, keelson-run for web, or foreman for all.',
    default: 'none',
  })(),
  procfile: Flags.string({char: 'f', summary: 'Default Procfile.', helpValue: 'FILE'}),
  formation: formationFlag(),
  env: envFlag(),
  port: portFlag({min: 1, summary: 'Port of the first process; default 5000.'}),
  log: Flags.string({
    char: 'l',
    summary: 'manager, null, or a file that is appended to; {process} and {n} are the instance.',
    helpValue: 'DEST',
  }),
  node: Flags.string({
    summary: 'The Node that runs the app: a path, or a version that is installed; default: this one.',
    helpValue: 'VERSION|PATH',
  }),
  pidfile: Flags.string({
    summary: 'File with the pid; {process} and {n} are the instance.',
    helpValue: 'FILE',
  }),
  limits: Flags.boolean({
    summary: "Share this machine's memory out over the processes.",
    helpGroup: 'LIMITS',
  }),
  memory: Flags.string({summary: 'Share this much memory out.', helpValue: '512M', helpGroup: 'LIMITS'}),
  cpus: Flags.string({summary: 'Share this many CPUs out.', helpValue: 'N', helpGroup: 'LIMITS'}),
  'limit-nofile': limit('open files'),
  'limit-core': limit('core files, bytes'),
  'limit-nproc': limit("the user's processes"),
  'limit-as': limit('address space, bytes'),
  sysctl: many('Kernel parameter; repeatable.', 'KEY=VALUE'),
  set: many(
    'A field of the service model; repeatable. PROCESS may be all, or app for fields of the app.',
    'PROCESS.FIELD=VALUE',
  ),
  template: Flags.string({
    char: 't',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'Directory with templates of your own, FORMAT/*.hbs (see eject); repeatable.',
    helpValue: 'DIR',
  }),
  'unit-dir': Flags.string({
    summary: 'Where the files will lie in the end; default: --out.',
    helpValue: 'DIR',
  }),
  verify: Flags.boolean({
    summary: "Ask the manager's own checker first; --no-verify: don't.",
    default: true,
    allowNo: true,
  }),
  strict: Flags.boolean({summary: 'Fail where the format has no word for something that is set.'}),
  'dry-run': dryRunFlag(),
});
