import type {Config} from '@oclif/core';

/** What a bin knows about itself without loading anything. */
export interface Program {
  /** Folder of its package.json. */
  readonly root: string;
  /** File name of the bin without `.js`. */
  readonly bin: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
}

/**
 * The part of oclif's Config that a command, its parser and its help read. `Config.load` would look for plugins, hooks,
 * themes and manifests first, which costs more than all the rest of a small command and finds nothing: we have none.
 */
export function configOf(program: Program): Config {
  const {bin, name, root, version} = program;
  const config = {
    bin,
    name,
    root,
    version,
    arch: process.arch,
    platform: process.platform,
    shell: 'sh',
    userAgent: `${name}/${version} ${process.platform}-${process.arch} node-${process.version}`,
    pjson: {name, version, oclif: {}},
    plugins: new Map(),
    commands: [],
    commandIDs: [],
    topics: [],
    topicSeparator: ' ',
    runHook: () => Promise.resolve({successes: [], failures: []}),
    scopedEnvVar: () => undefined,
    scopedEnvVarKeys: () => [],
    findCommand: () => undefined,
    findTopic: () => undefined,
  };
  return config as unknown as Config;
}
