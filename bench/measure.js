import {spawn} from 'node:child_process';
import {closeSync, openSync} from 'node:fs';
import {devNull} from 'node:os';

// bash's `time` takes the times of the finished child from the kernel (getrusage), in milliseconds, with all that the
// child waited for. Node has no call for it, /proc counts in hundredths of a second, and /usr/bin/time is often missing.
const METER = 'TIMEFORMAT=\'%3R %3U %3S\'; time "$@" 2>/dev/null';

/**
 * Runs a command once, as a whole process, its output thrown away.
 * @returns {Promise<{cpu: number, wall: number, code: number | null}>} milliseconds; cpu is user and system together
 */
function measure({command, cwd, env, input = devNull}) {
  const stdin = openSync(input, 'r');
  const meter = spawn('bash', ['-c', METER, 'bench', ...command], {
    cwd,
    env: {...process.env, ...env},
    stdio: [stdin, 'ignore', 'pipe'],
  });
  closeSync(stdin);
  let text = '';
  meter.stderr.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  return new Promise((resolve, reject) => {
    meter.once('error', () =>
      reject(new Error('the bench needs bash: its `time` reads the CPU time of a finished program')),
    );
    meter.once('close', (code) => {
      const [wall, user, system] = (text.trim().split('\n').at(-1) ?? '')
        .replaceAll(',', '.')
        .split(' ')
        .map(Number);
      if (Number.isNaN(wall + user + system))
        reject(new Error(`cannot read the times of ${command.join(' ')}: ${text}`));
      else resolve({cpu: (user + system) * 1000, wall: wall * 1000, code});
    });
  });
}

function spread(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return {min: sorted[0], median, max: sorted.at(-1)};
}

/** Ours and theirs in turn, A B A B: each pair sees the machine in the same mood, so the ratio is taken pair by pair. */
export async function compare({ours, theirs, exits = [0]}, runs) {
  const once = async (side) => {
    const result = await measure(side);
    if (!exits.includes(result.code)) throw new Error(`\`${side.name}\` ended with ${result.code}`);
    return result;
  };
  const pairs = [];
  for (let run = -1; run < runs; run++) {
    const pair = {ours: await once(ours), theirs: await once(theirs)};
    if (run >= 0) pairs.push(pair); // the first pair only warms the disk
  }
  const figures = (pick) => ({
    ours: spread(pairs.map((pair) => pick(pair.ours))),
    theirs: spread(pairs.map((pair) => pick(pair.theirs))),
    ratio: spread(pairs.map((pair) => pick(pair.ours) / pick(pair.theirs))),
  });
  return {cpu: figures(({cpu}) => cpu), wall: figures(({wall}) => wall)};
}
