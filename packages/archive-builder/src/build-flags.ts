import {Flags, outFlag} from '@keelson/cli-kit';

const list = {multiple: true, multipleNonGreedy: true, delimiter: ',', helpValue: 'NAME'} as const;
const yes = {default: true, allowNo: true} as const;

export const buildFlags = {
  'dry-run': Flags.boolean({
    char: 'n',
    summary: 'List what would go in, and what stays out and why; install and run nothing.',
    exclusive: ['onto', 'deploy-repo'],
  }),
  onto: Flags.string({
    summary: 'Commit the archive onto this deploy-only branch of the repository; a file only with --out.',
    helpValue: 'BRANCH',
  }),
  'deploy-repo': Flags.string({
    summary:
      'Commit the dependencies, and the source as its submodule, into this deploy repository, for review; a file only with --out.',
    helpValue: 'DIR',
    exclusive: ['onto', 'workspace'],
  }),
  out: outFlag('The archive, .tgz, .tar.zst or .tar. Default: NAME-VERSION.tgz in the current folder.'),
  workspace: Flags.string({
    char: 'w',
    summary: 'Build this one of the workspaces in SOURCE, with nothing but what it needs.',
    helpValue: 'NAME|PATH',
  }),
  script: Flags.string({
    ...list,
    char: 's',
    summary: 'package.json script to run instead of the configured ones.',
  }),
  scripts: Flags.boolean({...yes, summary: 'Run the build scripts.'}),
  install: Flags.boolean({
    ...yes,
    summary: 'Install dependencies; --no-install: take node_modules as it is.',
  }),
  include: Flags.string({
    ...list,
    helpValue: 'GLOB|PATH',
    summary: 'Take this along although git, .npmignore or the like leave it out; from the root of the app.',
  }),
  strip: Flags.boolean({
    summary: 'Take out what a compiler made of dependencies; keelson prepare builds them on the target.',
  }),
  trace: Flags.boolean({
    summary: 'Pack only files that the process types reach (and what --include names).',
  }),
  in: Flags.string({
    summary:
      'Words before the install, its scripts and the build scripts, e.g. "chroot /srv/root": they run in an environment like the target\'s. ' +
      'It needs sh, env, node, npm, and the temporary folder (TMPDIR) under the same path.',
    helpValue: 'COMMAND',
  }),
  target: Flags.string({
    summary: 'Take prebuilt add-ons for this platform, e.g. linux-arm64-musl; refuse what it would not load.',
    helpValue: 'PLATFORM-ARCH[-LIBC]',
    exclusive: ['in'],
  }),
  rebuild: Flags.string({...list, summary: 'Package whose install scripts may run.'}),
  'verify-signatures': Flags.boolean({
    summary: 'Verify what is installed by the signatures of its registry.',
  }),
  'min-release-age': Flags.integer({
    summary: 'Refuse versions that have been out for less than this.',
    helpValue: 'DAYS',
    min: 0,
  }),
  cache: Flags.boolean({...yes, summary: 'Keep installed dependencies for the next build.'}),
  secret: Flags.string({
    ...list,
    helpValue: 'GLOB',
    summary: 'File that must not go out; as in a .gitignore, beside keys, tokens and passwords.',
  }),
  'allow-secret': Flags.string({
    ...list,
    helpValue: 'PATH',
    summary: 'File that looks like a secret and may go out all the same.',
  }),
};
