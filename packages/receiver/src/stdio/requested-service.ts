import {basename} from 'node:path';
import type {LocalRequest} from './serve-local.ts';

/**
 * What a client of ssh wants, as it stands in SSH_ORIGINAL_COMMAND of a forced command (sshd(8)): `git-receive-pack 'shop.git'`,
 * `git-upload-pack 'shop.git'`, whose folders are not looked at because the forced command has its own; or anything that names
 * `keelson-receive`, which is an upload. Undefined: something else.
 */
export function requestedService(command: string, protocol: string | undefined): LocalRequest | undefined {
  if (/^\s*(\S*\/)?keelson(-receive| receive)(\s|$)/.test(command)) return {put: true};
  const [, service, quoted = ''] =
    /^\s*git[ -](receive-pack|upload-pack)\s+('[^']*'|[^\s'"\\$`;&|<>()*?]+)\s*$/.exec(command) ?? [];
  const path = quoted.replace(/^'(.*)'$/, '$1').replace(/(?<=.)\/+$/, '');
  const name = basename(path).replace(/\.git$/, '');
  if (name === '' || service === undefined) return undefined;
  return {git: service as 'receive-pack' | 'upload-pack', name, protocol};
}
