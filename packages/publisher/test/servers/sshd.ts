import {execFileSync} from 'node:child_process';
import {mkdirSync} from 'node:fs';
import {userInfo} from 'node:os';
import {freePort, testdir, type TestDirectory} from '@keelson/test-kit';
import {launchServer} from './launch-server.ts';

export interface Sshd extends AsyncDisposable {
  readonly dir: TestDirectory;
  /** `user@127.0.0.1:port` */
  readonly host: string;
  /** Words that start ssh with the key of this test. */
  readonly command: string;
}

/** A real sshd on loopback that lets the current user in with a key made for this test. */
export async function sshd(lines = ''): Promise<Sshd> {
  const dir = await testdir();
  const port = await freePort();
  for (const key of ['host', 'user'])
    execFileSync('/usr/bin/ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', dir.at(key)]);
  // Where a sshd that was started by root keeps its unprivileged half.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', {recursive: true, mode: 0o755});
  await dir.write({
    sshd_config: `
Port ${port}
ListenAddress 127.0.0.1
HostKey ${dir.at('host')}
AuthorizedKeysFile ${dir.at('user.pub')}
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp
MaxStartups 100
KexAlgorithms curve25519-sha256
${lines}
`,
    ssh_config: `
Host *
  IdentityFile ${dir.at('user')}
  IdentitiesOnly yes
  UserKnownHostsFile /dev/null
  StrictHostKeyChecking no
  LogLevel ERROR
`,
  });
  const server = await launchServer('/usr/sbin/sshd', ['-D', '-e', '-f', dir.at('sshd_config')], {port});
  return {
    dir,
    host: `${userInfo().username}@127.0.0.1:${port}`,
    command: `ssh -F ${dir.at('ssh_config')}`,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}
