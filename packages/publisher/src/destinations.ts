import type {Destination} from './destination.ts';
import type {PublishTo} from './publish.ts';
import {publishToFile} from './to/file.ts';
import {publishToGit} from './to/git.ts';

/** Each kind of destination and who publishes there. */
export const destinations = {
  git: publishToGit,
  file: publishToFile,
} satisfies {readonly [K in Destination['kind']]: PublishTo<Extract<Destination, {kind: K}>>};
