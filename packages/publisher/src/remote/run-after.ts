import {PublisherFault} from '../fault.ts';
import type {PublishOptions} from '../publish.ts';
import {quoted, runThere, type Machine} from './machine.ts';

/**
 * Runs `--then` where the file is; it finds KEELSON_ARCHIVE and KEELSON_DIGEST in its environment. Also when the file was there
 * already: an earlier try may have failed in it. Returns what it said.
 */
export async function runAfter(
  machine: Machine,
  {path, digest}: {readonly path: string; readonly digest: string},
  options: PublishOptions,
): Promise<string[]> {
  const then = options.ssh?.thenRun;
  if (then === undefined) return [];
  const command = `env KEELSON_ARCHIVE=${quoted(path)} KEELSON_DIGEST=${quoted(digest)} sh -c ${quoted(then)}`;
  const {code, stdout, stderr} = await runThere(machine, {command}, options);
  if (code === 0) return `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
  throw new PublisherFault(
    'PUBLISHER_THEN',
    `the file is at ${machine.where}, but the command there failed with exit code ${code}`,
    {
      hint: 'Publish again when it is repaired: the file is not sent twice, the command runs again.',
    },
  );
}
