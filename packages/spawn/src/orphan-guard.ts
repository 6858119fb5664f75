import {spawn} from 'node:child_process';
import type {Socket} from 'node:net';

// Its arguments are the first groups; then it reads `add PGID` and `del PGID`. At the end of its input, which is our end however it came,
// the groups that are left are asked to end (stopped ones, too), and killed when they have not within three seconds.
// A session of its own keeps it out of reach of the terminal and of whoever signals our group.
const SCRIPT = `
trap '' INT TERM HUP QUIT
groups=" $* "
while read -r verb group; do
  case $verb in
    add) groups="$groups$group " ;;
    del) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
  esac
done
for group in $groups; do kill -TERM "-$group"; kill -CONT "-$group"; done
for second in 1 2 3; do
  left=
  for group in $groups; do kill -0 "-$group" && left=$group; done
  [ "$left" ] || exit 0
  sleep 1
done
for group in $groups; do kill -KILL "-$group"; done
`;

const guarded = new Set<number>();
let input: Socket | undefined;

/** From now on this group is ended when our program ends, even by SIGKILL. */
export function guardGroup(group: number): void {
  guarded.add(group);
  if (input === undefined) startGuard();
  else input.write(`add ${group}\n`);
}

/** The group is gone: its number may soon be another's. */
export function releaseGroup(group: number): void {
  if (guarded.delete(group)) input?.write(`del ${group}\n`);
}

function startGuard(): void {
  const started = performance.now();
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'keelson-guard', ...[...guarded].map(String)], {
    detached: true,
    cwd: '/',
    env: {},
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const pipe = guard.stdin as Socket;
  input = pipe;
  pipe.on('error', () => {}); // EPIPE: it was killed, and 'exit' says so too
  guard.once('error', () => (input = undefined)); // no shell or no process left: children run unguarded
  guard.once('exit', (code) => {
    input = undefined;
    // Somebody killed it, perhaps before we noticed and told it of one more. One that ends by itself at once would do so again.
    if (guarded.size > 0 && (code === null || performance.now() - started > 1000)) startGuard();
  });
  guard.unref();
  pipe.unref();
}
