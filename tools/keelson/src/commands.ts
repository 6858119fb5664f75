import type {CommandFolder, CommandTable} from '@keelson/cli-kit';

/** A package's table, with the sentence that the listing of all commands says about it. */
function about(summary: string, load: () => Promise<CommandFolder>): CommandTable[string] {
  return async () => ({summary, commands: (await load()).commands});
}

export const commands: CommandTable = {
  build: () => import('@keelson/archive-builder/commands'),
  publish: () => import('@keelson/publisher/commands'),
  receive: () => import('@keelson/receiver/commands'),
  prepare: () => import('@keelson/preparer/commands'),
  deploy: about(
    'Serve pushes without losing a request; roll back, look, configure.',
    () => import('@keelson/deploy/commands'),
  ),
  run: () => import('@keelson/supervisor/commands'),
  ctl: about(
    'Ask a running supervisor: status, roll, restart, resize, drain, stop.',
    () => import('@keelson/supervisor/ctl-commands'),
  ),
  tag: () => import('@keelson/log-tagger/commands'),
  foreman: about(
    'Run the processes of a Procfile while you work on the app.',
    () => import('@keelson/foreman/commands'),
  ),
  export: () => import('@keelson/export/commands'),
  render: () => import('@keelson/exporter/commands'),
  archive: about(
    'List, verify, extract, compare and sign archives.',
    () => import('@keelson/archive/commands'),
  ),
  procfile: about(
    'Check a Procfile; list its types, instances and ports.',
    () => import('@keelson/procfile/commands'),
  ),
  env: about('Check env files, and print what they amount to.', () => import('@keelson/env/commands')),
  limits: about(
    'Show what this machine gives a process, and share it out.',
    () => import('@keelson/resource-limits/commands'),
  ),
};

export const groups: CommandFolder['groups'] = [
  {title: 'FROM SOURCE TO RELEASE', words: ['build', 'publish', 'receive', 'prepare', 'deploy']},
  {title: 'RUN AND SUPERVISE', words: ['run', 'ctl', 'foreman', 'tag', 'export', 'render']},
  {title: 'LOOK CLOSER', words: ['archive', 'procfile', 'env', 'limits']},
];
