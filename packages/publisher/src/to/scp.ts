import {inFolder, type CopyDestination} from '../destination.ts';
import {PublisherFault} from '../fault.ts';
import type {Parcel} from '../parcel/parcel.ts';
import type {Outcome} from '../publication.ts';
import type {PublishOptions} from '../publish.ts';
import {feed} from '../remote/feed.ts';
import {connectionFault, machineOf, quoted, runThere, startThere} from '../remote/machine.ts';
import {runAfter} from '../remote/run-after.ts';

/**
 * Copies the file over ssh to a machine with a POSIX shell: under a temporary name, counted, then renamed. What is sent goes through
 * `cat` there and not through scp, which cannot tell how far it is.
 */
export async function publishByScp(
  parcel: Parcel,
  to: CopyDestination,
  options: PublishOptions,
): Promise<Outcome> {
  const {signal} = options;
  const file = await parcel.file({signal});
  const machine = machineOf(to.url);
  const path = inFolder(machine.path, file.name);
  const revision = file.fileDigest;
  const hex = revision.slice('sha256-'.length);
  const quiet = {...options, onEvent: undefined};
  const there = await runThere(machine, `sha256sum -- ${quoted(path)} 2>/dev/null || :`, quiet);
  const same = there.stdout.startsWith(`${hex} `);
  if (!same) {
    const temporary = quoted(`${path}.keelson-${hex.slice(0, 12)}`);
    const command = `umask 022 && cat > ${temporary} && test "$(wc -c < ${temporary})" -eq ${file.bytes} && mv -f -- ${temporary} ${quoted(path)} || { rm -f -- ${temporary}; exit 1; }`;
    await using child = await startThere(machine, command, options);
    let said = '';
    child.stdout.resume();
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-8192)));
    await feed(child, {file, from: 0}, options);
    const {code} = await child.exited;
    signal?.throwIfAborted();
    if (code === 255 || code === null) throw connectionFault(machine, said);
    if (code !== 0)
      throw new PublisherFault(
        'PUBLISHER_REMOTE',
        `cannot write ${machine.where}: ${said.trim().split('\n')[0] || `exit code ${code}`}`,
      );
  }
  const lines = await runAfter(machine, {path, digest: parcel.digest}, options);
  return {
    to: {kind: to.kind, url: inFolder(to.url, file.name)},
    revision,
    result: same ? 'already-published' : 'published',
    lines,
  };
}
