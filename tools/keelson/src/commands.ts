import type {CommandFolder, CommandTable} from '@keelson/cli-kit';

export const commands: CommandTable = {
  build: () => import('@keelson/archive-builder/commands'),
  publish: () => import('@keelson/publisher/commands'),
  receive: () => import('@keelson/receiver/commands'),
  prepare: () => import('@keelson/preparer/commands'),
  deploy: () => import('@keelson/deploy/commands'),
  run: () => import('@keelson/supervisor/commands'),
  ctl: () => import('@keelson/supervisor/ctl-commands'),
  tag: () => import('@keelson/log-tagger/commands'),
  foreman: () => import('@keelson/foreman/commands'),
  export: () => import('@keelson/export/commands'),
  render: () => import('@keelson/exporter/commands'),
  archive: () => import('@keelson/archive/commands'),
  procfile: () => import('@keelson/procfile/commands'),
  env: () => import('@keelson/env/commands'),
  limits: () => import('@keelson/resource-limits/commands'),
};

export const groups: CommandFolder['groups'] = [
  {title: 'FROM SOURCE TO RELEASE', words: ['build', 'publish', 'receive', 'prepare', 'deploy']},
  {title: 'RUN AND SUPERVISE', words: ['run', 'ctl', 'foreman', 'tag', 'export', 'render']},
  {title: 'LOOK CLOSER', words: ['archive', 'procfile', 'env', 'limits']},
];
