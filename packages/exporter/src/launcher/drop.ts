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

/** chroot(8) of BSD and macOS, with `/` as the new root. */
export const chroot: Dropper = {
  program: 'chroot',
  words: ({user, group, supplementary, cwd}) =>
    [
      `-u ${shellWord(user)}`,
      ...(group === undefined ? [] : [`-g ${shellWord(group)}`]),
      ...(supplementary.length > 0 ? [`-G ${shellWord(supplementary.join(','))}`] : []),
      `/ /bin/sh -c ${shellWord(GO_BACK)} ${shellWord(cwd)}`,
    ].join(' '),
  read(words) {
    const value = (flag: string) => {
      const at = words.slice(0, words.indexOf('/')).indexOf(flag);
      return at < 0 ? undefined : words[at + 1];
    };
    const [shell, flag, script, , ...rest] = words.slice(words.indexOf('/') + 1);
    const goesBack = shell === '/bin/sh' && flag === '-c' && script === GO_BACK;
    return {user: value('-u'), group: value('-g'), rest: goesBack ? rest : words};
  },
};
