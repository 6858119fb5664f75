import {readFile, realpath} from 'node:fs/promises';
import {UsageError} from '@keelson/cli-kit';
import type {Accept} from './accept.ts';
import type {ReceiverOptions} from './receiver.ts';
import type {ReceiveFlags} from './cli/receive-flags.ts';

interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly print: (line: string) => void;
}

/** What the flags, and the file of --config, make of a receiver. Faults: RECEIVER_BAD_CONFIG; a UsageError. */
export async function receiverFromFlags(
  flags: ReceiveFlags,
  {environment, print}: Surroundings,
): Promise<{readonly accept: Accept; readonly options: ReceiverOptions}> {
  const {makeDirectory} = await import('@keelson/atomic-fs');
  await makeDirectory(flags.apps);
  const root = await realpath(flags.apps);
  const config = flags.config === undefined ? undefined : await readConfigOf(flags.config);
  const token = await tokenOf(flags, environment);
  if (token !== undefined && config?.tokens !== undefined)
    throw new UsageError('there are tokens in the file of --config, and another one', 'Use one of them.');
  return {
    accept: await acceptOf(flags, root, {environment, print}),
    options: {
      root,
      listen: listenAddress(flags.listen),
      apps: flags.app ?? config?.apps,
      tokens: token ?? config?.tokens,
      branches: config?.branches,
      watch: flags.watch,
      packages: flags.packages ?? flags.exec === undefined,
      ...(config?.limits === undefined ? {} : {limits: config.limits}),
    },
  };
}

async function readConfigOf(file: string) {
  const {readConfig} = await import('./receiver-config.ts');
  return readConfig(file);
}

async function tokenOf(
  {'token-file': file}: ReceiveFlags,
  environment: Surroundings['environment'],
): Promise<string | undefined> {
  // An empty file must not open the receiver to everybody; it is refused as too short a token is.
  if (file !== undefined) return (await readFile(file, 'utf8')).trim();
  return environment['KEELSON_TOKEN'] || undefined;
}

async function acceptOf(
  {exec}: ReceiveFlags,
  root: string,
  {environment, print}: Surroundings,
): Promise<Accept> {
  if (exec !== undefined) {
    const {execAccept} = await import('./exec-accept.ts');
    const {KEELSON_TOKEN: _, ...rest} = environment;
    return execAccept(exec, rest);
  }
  const {keepReceived} = await import('./keep-received.ts');
  return keepReceived(root, (received) => print(JSON.stringify(received)));
}

/** `HOST:PORT`, `[::1]:PORT`, `:PORT` (loopback) or `PORT`. */
export function listenAddress(text: string): {readonly host: string; readonly port: number} {
  const [, host = '', port = ''] = /^(?:(\[[0-9a-f:.]+\]|[^:[\]]*):)?(\d{1,5})$/i.exec(text) ?? [];
  if (port === '' || Number(port) > 65_535)
    throw new UsageError(`--listen ${JSON.stringify(text)} is no HOST:PORT`, 'For example 127.0.0.1:7070');
  return {host: host === '' ? '127.0.0.1' : host.replace(/^\[(.*)\]$/, '$1'), port: Number(port)};
}
