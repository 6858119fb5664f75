import {inFolder, type CopyDestination} from '../destination.ts';
import {PublisherFault} from '../fault.ts';
import type {Parcel} from '../parcel/parcel.ts';
import type {Outcome} from '../publication.ts';
import type {PublishOptions} from '../publish.ts';
import {feed} from '../remote/feed.ts';
import {patienceOf} from '../patience.ts';
import {connectionFault, machineOf, quoted, runThere, silenceFault, startThere} from '../remote/machine.ts';
import {runAfter} from '../remote/run-after.ts';
import {watchSilence} from '../remote/watch-silence.ts';

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
  const {stallMs, answerMs: timeoutMs} = patienceOf(options);
  const command = `sha256sum -- ${quoted(path)} 2>/dev/null || :`;
  const there = await runThere(machine, {command, timeoutMs}, {...options, onEvent: undefined});
  const same = there.stdout.startsWith(`${hex} `);
  if (!same) {
    const temporary = quoted(`${path}.keelson-${hex.slice(0, 12)}`);
    const write = `umask 022 && cat > ${temporary} && test "$(wc -c < ${temporary})" -eq ${file.bytes} && mv -f -- ${temporary} ${quoted(path)} || { rm -f -- ${temporary}; exit 1; }`;
    await using child = await startThere(machine, write, options);
    using watch = watchSilence(child, stallMs);
    let said = '';
    child.stdout.resume();
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-8192)));
    await feed(child, {file, from: 0, watch}, options);
    const {code} = await child.exited;
    signal?.throwIfAborted();
    if (watch.brokenAfterMs !== undefined) throw silenceFault(machine, watch.brokenAfterMs);
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
