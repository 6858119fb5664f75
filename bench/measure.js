import {spawn} from 'node:child_process';
import {closeSync, openSync, readFileSync} from 'node:fs';
import {devNull} from 'node:os';

// bash's `time` takes the times of the finished child from the kernel (getrusage), in milliseconds, with all that the
// child waited for. Node has no call for it, /proc counts in hundredths of a second, and /usr/bin/time is often missing.
const METER = 'TIMEFORMAT=\'%3R %3U %3S\'; time "$@" 2>/dev/null';

// The same in the middle of a pipeline: only the command is metered, not who feeds and drains it.
const PIPED_METER =
  'TIMEFORMAT=\'%3R %3U %3S\'; exec 3>&2; cat "$0" | { { time "$@" 2>/dev/null; } 2>&3; } | cat >/dev/null; ' +
  'exit "${PIPESTATUS[1]}"';
const PIPED_PID = 'cat "$0" | { echo "$BASHPID" >&3; exec "$@" 2>/dev/null; } | cat >/dev/null';

/**
 * Runs a command once, as a whole process, its output thrown away.
 * @returns {Promise<{cpu: number, wall: number, code: number | null}>} milliseconds; cpu is user and system together
 */
function measure({command, cwd, env, input = devNull, piped = false}) {
  const stdin = openSync(piped ? devNull : input, 'r');
  const meter = spawn(
    'bash',
    piped ? ['-c', PIPED_METER, input, ...command] : ['-c', METER, 'bench', ...command],
    {
      cwd,
      env: {...process.env, ...env},
      stdio: [stdin, 'ignore', 'pipe'],
    },
  );
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

/**
 * The most memory that a command held at once, between a pipe that feeds it and one that drains it: what its last look at
 * /proc/PID/status says, a few milliseconds before its end.
 * @returns {Promise<number>} mebibytes; 0 where there is no /proc
 */
export function peakMemory({command, cwd, env, input = devNull}) {
  const run = spawn('bash', ['-c', PIPED_PID, input, ...command], {
    cwd,
    env: {...process.env, ...env},
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let peak = 0;
    let timer;
    run.once('error', reject);
    run.stdio[3].once('data', (pid) => {
      const look = () => {
        try {
          const [, kib] =
            /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${String(pid).trim()}/status`, 'latin1')) ?? [];
          peak = Math.max(peak, Number(kib ?? 0) / 1024);
        } catch {
          clearInterval(timer);
        }
      };
      timer = setInterval(look, 5);
    });
    run.once('close', () => {
      clearInterval(timer);
      resolve(peak);
    });
  });
}

function spread(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return {min: sorted[0], median, max: sorted.at(-1)};
}

/**
 * Ours and theirs in turn, A B A B: each pair sees the machine in the same mood, so the ratio is taken pair by pair. A side with a
 * `measure` of its own is no command that is run from start to end.
 */
export async function compare({ours, theirs, exits = [0]}, runs) {
  const once = async (side) => {
    const result = await (side.measure ?? measure)(side);
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
