import {GitFault} from './fault.ts';
import {packetsOf} from './pkt-line.ts';

export interface PushReport {
  /** `ok`, or why the pack was not taken. */
  readonly unpacked: string;
  /** Ref → `ok`, or why it did not move. */
  readonly refs: ReadonlyMap<string, string>;
  /** What the other side said. */
  readonly lines: readonly string[];
}

/** The answer to a push (gitprotocol-pack(5)): its words in side band 2, the report in band 1, the end of all in band 3. */
export async function readReport(
  answer: AsyncIterable<Uint8Array>,
  onLine: (line: string) => void,
): Promise<PushReport> {
  const reported: Buffer[] = [];
  const lines: string[] = [];
  let open = '';
  const tell = (text: string) => {
    // What overwrites itself (progress) is told once, as it stood at last.
    const last = text.trimEnd().split('\r').at(-1)!;
    lines.push(last);
    onLine(last);
  };
  for await (const packet of packetsOf(answer)) {
    const [band] = packet ?? [];
    const bytes = packet?.subarray(1) ?? Buffer.alloc(0);
    if (band === 1) reported.push(Buffer.from(bytes));
    else if (band === 3)
      throw new GitFault('GIT_UNREACHABLE', `the remote gave up: ${bytes.toString().trim()}`, {
        temporary: true,
        lines,
      });
    else if (band === 2) {
      const parts = (open + bytes.toString('utf8')).split('\n');
      open = parts.pop()!;
      parts.forEach(tell);
    }
  }
  if (open !== '') tell(open);
  return {...(await readStatus(reported, lines)), lines};
}

async function readStatus(
  reported: readonly Buffer[],
  lines: readonly string[],
): Promise<Omit<PushReport, 'lines'>> {
  const refs = new Map<string, string>();
  let unpacked: string | undefined;
  async function* whole() {
    yield Buffer.concat(reported);
  }
  for await (const packet of packetsOf(whole())) {
    const line = packet?.toString('utf8').trimEnd() ?? '';
    const [, verb, rest = ''] = /^(unpack|ok|ng) (.*)$/s.exec(line) ?? [];
    if (verb === 'unpack') unpacked = rest;
    else if (verb === 'ok') refs.set(rest, 'ok');
    else if (verb === 'ng') refs.set(rest.slice(0, rest.indexOf(' ')), rest.slice(rest.indexOf(' ') + 1));
  }
  if (unpacked !== undefined) return {unpacked, refs};
  throw new GitFault('GIT_UNREACHABLE', 'the remote ended its answer before it said how the push went', {
    temporary: true,
    lines,
  });
}
