import {readFile, stat} from 'node:fs/promises';

/** Whose rights an app gets when nobody says: those of the owner of its directory, by name where there is one. Root: undefined. */
export async function accountOf(dir: string): Promise<string | undefined> {
  const {uid} = await stat(dir);
  if (uid === 0) return undefined;
  const accounts = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const line = accounts.split('\n').find((account) => account.split(':')[2] === String(uid));
  return line?.split(':')[0] ?? String(uid);
}
