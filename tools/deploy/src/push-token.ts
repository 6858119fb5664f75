import {randomBytes} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {writeAtomic} from '@keelson/atomic-fs';

/** Where the token that a push needs is kept (0600). */
export function tokenFile(root: string): string {
  return join(root, '.keelson', 'token');
}

/** The server's push token, made at the first start: 32 random bytes as hex. */
export async function pushToken(root: string): Promise<string> {
  try {
    return (await readFile(tokenFile(root), 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const token = randomBytes(32).toString('hex');
    await writeAtomic(tokenFile(root), `${token}\n`, {mode: 0o600});
    return token;
  }
}
