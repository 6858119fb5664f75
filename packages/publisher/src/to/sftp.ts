import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {run, SpawnFault, type Output} from '@keelson/spawn';
import {inFolder, type CopyDestination} from '../destination.ts';
import {PublisherFault} from '../fault.ts';
import {hashFile} from '../parcel/hash-file.ts';
import type {Parcel, ParcelFile} from '../parcel/parcel.ts';
import {patienceOf} from '../patience.ts';
import type {Outcome} from '../publication.ts';
import type {PublishOptions} from '../publish.ts';
import {connectionFault, machineOf, sshWords, type Machine} from '../remote/machine.ts';
import {runAfter} from '../remote/run-after.ts';

/** Copies the file with the system's sftp: under a temporary name, then renamed. Needs no shell there (unless a command follows). */
export async function publishBySftp(
  parcel: Parcel,
  to: CopyDestination,
  options: PublishOptions,
): Promise<Outcome> {
  const {signal, onEvent} = options;
  const file = await parcel.file({signal});
  const machine = machineOf(to.url);
  const path = inFolder(machine.path, file.name);
  const same = await isThere(machine, {path, file}, options);
  if (!same) {
    const temporary = `${path}.keelson-${file.fileDigest.slice(7, 19)}`;
    const commands = [
      `put ${word(file.path)} ${word(temporary)}`,
      `chmod 644 ${word(temporary)}`,
      `rename ${word(temporary)} ${word(path)}`,
    ];
    const {code, stderr} = await sftp(machine, commands, options);
    if (code !== 0)
      throw new PublisherFault(
        'PUBLISHER_REMOTE',
        `cannot write ${machine.where}: ${stderr.trim().split('\n').at(-1) || `exit code ${code}`}`,
      );
    onEvent?.({type: 'publisher:sent', done: file.bytes, total: file.bytes});
  }
  const lines = await runAfter(machine, {path, digest: parcel.digest}, options);
  return {
    to: {kind: to.kind, url: inFolder(to.url, file.name)},
    revision: file.fileDigest,
    result: same ? 'already-published' : 'published',
    lines,
  };
}

/** sftp tells no checksum: a file of the same size is fetched and compared, as much as sending it again would take. */
async function isThere(
  machine: Machine,
  {path, file}: {readonly path: string; readonly file: ParcelFile},
  options: PublishOptions,
): Promise<boolean> {
  const {code, stdout} = await sftp(machine, [`ls -ln ${word(path)}`], options);
  const size = /^-\S*\s+\S+\s+\S+\s+\S+\s+(\d+)\s/m.exec(stdout)?.[1];
  if (code !== 0 || size !== String(file.bytes)) return false;
  const folder = await mkdtemp(join(tmpdir(), 'keelson-publish-'));
  try {
    const copy = join(folder, 'copy');
    const fetched = await sftp(machine, [`get ${word(path)} ${word(copy)}`], options);
    return fetched.code === 0 && (await hashFile(copy, options)).fileDigest === file.fileDigest;
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

async function sftp(machine: Machine, commands: readonly string[], options: PublishOptions): Promise<Output> {
  const input = `${commands.join('\n')}\n`;
  try {
    const output = await run(
      {...sshWords(machine, options, 'sftp'), input},
      {signal: options.signal, accept: [0, 1], timeoutMs: patienceOf(options).altogetherMs},
    );
    return output;
  } catch (error) {
    throw error instanceof SpawnFault ? connectionFault(machine, error) : error;
  }
}

/** A word of sftp's own command line; its globs are escaped, too. */
function word(text: string): string {
  return `"${text.replaceAll(/[\\"*?[\]]/g, String.raw`\$&`)}"`;
}
