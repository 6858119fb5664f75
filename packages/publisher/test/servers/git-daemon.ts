import {freePort, git, testdir, type TestDirectory} from '@keelson/test-kit';
import {launchServer} from './launch-server.ts';

/** `git daemon`, which anybody may fetch from. */
export async function gitDaemon(): Promise<
  AsyncDisposable & {readonly url: string; readonly dir: TestDirectory}
> {
  const dir = await testdir();
  await git(dir.path, 'init', '--quiet', '--bare', '--initial-branch=main', dir.at('app.git'));
  const port = await freePort();
  const options = ['daemon', '--reuseaddr', '--export-all', '--listen=127.0.0.1', `--port=${port}`];
  const server = await launchServer('git', [...options, `--base-path=${dir.path}`, dir.path], {port});
  return {
    dir,
    url: `git://127.0.0.1:${port}/app.git`,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}
