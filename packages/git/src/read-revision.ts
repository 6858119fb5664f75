import {readFile} from 'node:fs/promises';
import {join} from 'node:path';

/**
 * The hash that a branch of a repository that `initBare` made stands at, undefined where there is none: out of the repository's files
 * (gitrepository-layout(5)), because a program would take longer to start than this.
 */
export async function readRevision(gitDir: string, branch: string): Promise<string | undefined> {
  const ref = `refs/heads/${branch}`;
  const loose = await contentOf(join(gitDir, ref));
  if (loose !== undefined) return loose.trim();
  const packed = await contentOf(join(gitDir, 'packed-refs'));
  return packed
    ?.split('\n')
    .find((line) => line.slice(line.indexOf(' ') + 1) === ref)
    ?.split(' ')[0];
}

async function contentOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    // A folder: of branches whose names begin with this one's.
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(error.code ?? '')) return undefined;
    throw error;
  });
}
