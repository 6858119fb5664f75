import {hasInstallScript, type InstalledPackage} from './installed-packages.ts';

/**
 * What npm does in the folder of an installed package when its install scripts run: arguments of npm, one call after the other.
 * `npm run install` takes preinstall and postinstall along; npm brings the node-gyp that compiles where there is no script.
 * `globalconfig` is the machine's npmrc: npm looks for it below its prefix, which is the package's folder here (npm-config, `globalconfig`).
 */
export function installScriptCalls(
  one: InstalledPackage,
  globalconfig: string,
): readonly (readonly string[])[] {
  if (!hasInstallScript(one)) return [];
  const {scripts, gyp} = one;
  const here = ['--prefix=.', `--globalconfig=${globalconfig}`, '--no-update-notifier'];
  const run = (name: string) => ['run', name, ...here, '--foreground-scripts'];
  if (scripts['install'] !== undefined) return [run('install')];
  const has = (name: string) => scripts[name] !== undefined;
  return [
    ...(has('preinstall') ? [run('preinstall')] : []),
    ...(gyp && !has('preinstall') ? [['exec', ...here, '--offline', '--call', 'node-gyp rebuild']] : []),
    ...(has('postinstall') ? [run('postinstall')] : []),
  ];
}
