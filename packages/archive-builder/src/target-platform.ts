import type {TargetPlatform} from '@keelson/package-manager';
import type {BuildOptions} from './build-options.ts';
import {BuildFault} from './fault.ts';

// https://nodejs.org/api/process.html#processplatform, #processarch
const PLATFORMS = ['linux', 'darwin', 'win32', 'freebsd', 'openbsd', 'sunos', 'aix'];
const ARCHS = ['x64', 'arm64', 'arm', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64'];
const LIBCS = ['glibc', 'musl'] as const;

/** `linux-arm64-musl`; glibc where Linux says nothing else. Faults: BUILD_TARGET. */
export function targetPlatform(text: string, {dependencies, install}: BuildOptions): TargetPlatform {
  const [platform = '', arch = '', libc, ...rest] = text.split('-');
  const bad = (because: string, hint: string) => new BuildFault('BUILD_TARGET', because, {hint});
  const known =
    PLATFORMS.includes(platform) &&
    ARCHS.includes(arch) &&
    rest.length === 0 &&
    (libc === undefined || (platform === 'linux' && LIBCS.some((one) => one === libc)));
  if (!known)
    throw bad(
      `the target ${JSON.stringify(text)} is no platform`,
      `It is written as Node names it, with the C library of a Linux: linux-x64-glibc, linux-arm64-musl, darwin-arm64. Platforms are ${PLATFORMS.join(', ')}; architectures ${ARCHS.join(', ')}.`,
    );
  if ((dependencies?.rebuild?.length ?? 0) > 0)
    throw bad(
      `install scripts (${dependencies!.rebuild!.join(', ')}) would build for this machine, not for ${text}`,
      'Run them where that platform is: --in COMMAND; or let the target do it: --strip.',
    );
  if (install === false)
    throw bad(
      `a node_modules that is taken as it lies is not chosen for ${text}`,
      'Leave out one of --target and --no-install.',
    );
  return {platform, arch, libc: platform !== 'linux' ? undefined : libc === 'musl' ? 'musl' : 'glibc'};
}
