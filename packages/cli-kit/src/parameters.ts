// oclif's factories for what a command takes, by their sub-paths: its main entry would load all of it.
export * as Args from '@oclif/core/args';
export * as Flags from '@oclif/core/flags';
