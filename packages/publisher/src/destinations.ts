import type {Destination} from './destination.ts';
import type {PublishTo} from './publish.ts';
import {publishToFile} from './to/file.ts';
import {publishToGit} from './to/git.ts';
import {publishToHttp} from './to/http.ts';
import {publishByScp} from './to/scp.ts';
import {publishBySftp} from './to/sftp.ts';
import {publishToReceiver} from './to/ssh.ts';

/** Each kind of destination and who publishes there. */
export const destinations = {
  git: publishToGit,
  file: publishToFile,
  http: publishToHttp,
  ssh: publishToReceiver,
  sftp: publishBySftp,
  scp: publishByScp,
} satisfies {readonly [K in Destination['kind']]: PublishTo<Extract<Destination, {kind: K}>>};
