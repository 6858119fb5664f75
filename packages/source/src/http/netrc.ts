import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {env} from 'node:process';
import {userHome} from '@keelson/atomic-fs';

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** What `$NETRC`, else `~/.netrc`, says for a host (ftp(1), THE .netrc FILE); undefined without such a file or entry. */
export async function loginFor(
  host: string,
  file = env['NETRC'] || netrcOfUser(),
): Promise<Login | undefined> {
  const text = file === undefined ? undefined : await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : findLogin(text, host);
}

function netrcOfUser(): string | undefined {
  const home = userHome();
  return home === undefined ? undefined : join(home, '.netrc');
}

/** The first entry of the machine, or the default one. */
export function findLogin(text: string, host: string): Login | undefined {
  // A macro goes on to the next empty line, whatever is in it.
  const words = text.replace(/^[ \t]*macdef\b[\s\S]*?(\n[ \t]*\n|$)/gm, '\n').replace(/(^|\s)#.*$/gm, '');
  const tokens = [...words.matchAll(/"((?:\\.|[^"\\])*)"|(\S+)/g)].map(([, quoted, plain]) =>
    quoted === undefined ? plain! : quoted.replace(/\\(.)/g, '$1'),
  );
  let wanted = false;
  let login: {username?: string; password?: string} = {};
  const complete = () =>
    wanted && login.password !== undefined
      ? {username: login.username ?? '', password: login.password}
      : undefined;
  for (let at = 0; at < tokens.length; at++) {
    const word = tokens[at]!;
    if (word === 'machine' || word === 'default') {
      const found = complete();
      if (found !== undefined) return found;
      wanted = word === 'default' || tokens[++at]?.toLowerCase() === host.toLowerCase();
      login = {};
    } else if (word === 'login') login.username = tokens[++at] ?? '';
    else if (word === 'password') login.password = tokens[++at] ?? '';
    else if (word === 'account') at++;
  }
  return complete();
}
