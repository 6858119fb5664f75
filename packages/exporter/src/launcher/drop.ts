import type {PlannedProcess} from '../planned-processes.ts';
import {shellWord} from './quote.ts';

type Rights = Pick<PlannedProcess, 'user' | 'group' | 'supplementary' | 'cwd'>;

/** A program that gives root's rights away and becomes another. It is looked up before the app's own PATH counts. */
export interface Dropper {
  readonly program: string;
  /** Words of a shell script. */
  words(rights: Rights & {readonly user: string}): string;
  /** The account that the words name, and what is left of them. */
  read(words: readonly string[]): {
    readonly user: string | undefined;
    readonly group: string | undefined;
    readonly rest: readonly string[];
  };
}

function pair(words: readonly string[], at: number): ReturnType<Dropper['read']> {
  const [user, group] = (words[at] ?? '').split(':');
  return {user, group: group?.startsWith('"') ? undefined : group, rest: words.slice(at + 1)};
}

/** Of util-linux, for managers that start everything as root. */
export const setpriv: Dropper = {
  program: 'setpriv',
  words({user, group, supplementary}) {
    const gid = group === undefined ? `"$(/usr/bin/id -g ${shellWord(user)})"` : shellWord(group);
    const groups =
      supplementary.length > 0 ? `--groups ${shellWord(supplementary.join(','))}` : '--init-groups';
    return `--reuid ${shellWord(user)} --regid ${gid} ${groups} --`;
  },
  read(words) {
    const group = words[3]?.startsWith('"') ? undefined : words[3];
    return {user: words[1], group, rest: words.slice(words.indexOf('--') + 1)};
  },
};

/** Of runit. The first group is the main one. */
export const chpst: Dropper = {
  program: 'chpst',
  words({user, group, supplementary}) {
    if (group === undefined && supplementary.length === 0) return `-u ${shellWord(user)}`;
    const main = group === undefined ? `"$(/usr/bin/id -gn ${shellWord(user)})"` : shellWord(group);
    return `-u ${[shellWord(user), main, ...supplementary.map(shellWord)].join(':')}`;
  },
  read: (words) => pair(words, 1),
};

// It goes to the new root, so somebody has to go back.
const GO_BACK = 'cd "$0" && exec "$@"';

/** chroot(8) of BSD and macOS, with `/` as the new root. It leaves root's groups to the process unless it is given others. */
export const chroot: Dropper = {
  program: 'chroot',
  words({user, group, supplementary, cwd}) {
    const account = shellWord(user);
    const main = group === undefined ? `"$(/usr/bin/id -g ${account})"` : shellWord(group);
    const groups =
      supplementary.length > 0
        ? shellWord(supplementary.join(','))
        : `"$(/usr/bin/id -G ${account} | /usr/bin/tr ' ' ,)"`;
    return `-u ${account} -g ${main} -G ${groups} / /bin/sh -c ${shellWord(GO_BACK)} ${shellWord(cwd)}`;
  },
  read(words) {
    const [, user, , main, , , , shell, flag, script, , ...rest] = words;
    const goesBack = shell === '/bin/sh' && flag === '-c' && script === GO_BACK;
    return {user, group: main?.startsWith('"') ? undefined : main, rest: goesBack ? rest : words};
  },
};
