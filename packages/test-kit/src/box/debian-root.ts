import {existsSync} from 'node:fs';
import {mkdir, mkdtemp, rename, rm} from 'node:fs/promises';
import {execFile} from 'node:child_process';
import {homedir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';

const MIRROR = 'http://deb.debian.org/debian';
// What a box needs of a root beside what every Debian has; Node is this machine's and needs its C++ library.
const PACKAGES = ['systemd', 'dbus', 'procps', 'libstdc++6'];

/**
 * The root of another Debian release (`bullseye`: systemd 247, `trixie`: 257), for `systemdBox({lower})`. Made once with mmdebstrap (about
 * 20 s and 170 MB), kept in the user's cache directory, never written to again.
 */
export async function debianRoot(suite: string): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'keelson-test-roots');
  const root = join(cache, suite);
  if (existsSync(root)) return root;
  await mkdir(cache, {recursive: true});
  const made = await mkdtemp(join(cache, '.making-'));
  try {
    const options = ['--quiet', '--variant=minbase', '--mode=root', `--include=${PACKAGES.join(',')}`];
    await promisify(execFile)('mmdebstrap', [...options, suite, made, MIRROR], {maxBuffer: 64 * 1024 * 1024});
    // Another run may have been faster.
    await rename(made, root).catch(() => {});
  } finally {
    await rm(made, {recursive: true, force: true});
  }
  return root;
}
