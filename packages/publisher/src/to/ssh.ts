import {createInterface} from 'node:readline';
import {PublisherFault} from '../fault.ts';
import type {SshDestination} from '../destination.ts';
import type {Parcel} from '../parcel/parcel.ts';
import type {Outcome} from '../publication.ts';
import type {PublishOptions} from '../publish.ts';
import {feed} from '../remote/feed.ts';
import {patienceOf} from '../patience.ts';
import {connectionFault, machineOf, silenceFault, startThere, type Machine} from '../remote/machine.ts';
import {resultOf} from '../remote/result-line.ts';
import {watchSilence} from '../remote/watch-silence.ts';

const PROTOCOL = 1;

/** Brings the file to a keelson-receive on another machine: digest first, then what it does not have yet, then its words. */
export async function publishToReceiver(
  parcel: Parcel,
  to: SshDestination,
  options: PublishOptions,
): Promise<Outcome> {
  const {signal, onEvent} = options;
  const file = await parcel.file({signal});
  const machine = machineOf(to.url);
  const {name, version, digest} = parcel;
  const format = /\.(tar\.zst|tzst)$/.test(file.path)
    ? 'tar.zst'
    : file.path.endsWith('.tar')
      ? 'tar'
      : 'tgz';
  const header = {
    kind: 'put',
    protocol: PROTOCOL,
    app: machine.path.slice(1),
    fileDigest: file.fileDigest,
    digest,
    bytes: file.bytes,
    format,
    name,
    version,
  };
  await using child = await startThere(machine, options.ssh?.receive ?? 'keelson-receive --stdio', options);
  const {stallMs, answerMs} = patienceOf(options);
  using watch = watchSilence(child, stallMs);
  child.stdout.on('data', () => watch.alive(child.stdin!.writableFinished ? answerMs : stallMs));
  child.stdin!.on('error', () => {}); // it ended; its exit says why
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-8192)));
  child.stdin!.write(`${JSON.stringify(header)}\n`);
  const lines: string[] = [];
  const tell = (line: string) => {
    lines.push(line);
    onEvent?.({type: 'publisher:remote', line});
  };
  let feeding: Promise<void> | undefined;
  for await (const line of createInterface({input: child.stdout, crlfDelay: Infinity})) {
    const message = resultOf(line);
    if (message?.kind === 'line') tell(message.text);
    else if (message?.kind === 'offset' && feeding === undefined) {
      feeding = feed(child, {file, from: Math.min(message.offset, file.bytes), watch}, options);
      feeding.catch(() => {}); // an aborted or broken one ends the program, too
    } else if (message?.kind === 'result') {
      const {result, revision, because} = message;
      because.forEach(tell);
      if (message.temporary) throw comeAgain(machine, because);
      return {result, revision: revision || file.fileDigest, lines};
    }
  }
  signal?.throwIfAborted();
  const {code} = await child.exited;
  if (watch.brokenAfterMs !== undefined) throw silenceFault(machine, watch.brokenAfterMs);
  if (code === 255 || code === null) throw connectionFault(machine, stderr);
  if (code === 127 || /not found/.test(stderr))
    throw new PublisherFault('PUBLISHER_REMOTE', `there is no keelson-receive on ${machine.where}`, {
      hint: 'Install @keelson/receiver there, or copy the file with scp:// or sftp://; git repositories are git+ssh://.',
    });
  const reason = stderr.trim().split('\n').at(-1) || `exit code ${code}`;
  if (feeding === undefined)
    throw new PublisherFault(
      'PUBLISHER_REMOTE',
      `what answers at ${machine.where} is no receiver: ${reason}`,
    );
  throw new PublisherFault(
    'PUBLISHER_UNREACHABLE',
    `the receiver at ${machine.where} ended early: ${reason}`,
    {
      temporary: true,
    },
  );
}

function comeAgain({where}: Machine, because: readonly string[]): PublisherFault {
  const message = `${where} cannot take it now: ${because.at(-1) ?? ''}`;
  return new PublisherFault('PUBLISHER_UNREACHABLE', message, {temporary: true});
}
