import {hasInstallScript, type InstalledPackage} from './installed-packages.ts';

/**
 * What npm does in the folder of an installed package when its install scripts run: arguments of npm, one call after the other.
 * `npm run install` takes preinstall and postinstall along; npm brings the node-gyp that compiles where there is no script.
 */
export function installScriptCalls(one: InstalledPackage): readonly (readonly string[])[] {
  if (!hasInstallScript(one)) return [];
  const {scripts, gyp} = one;
  const run = (name: string) => ['run', name, '--prefix=.', '--no-update-notifier', '--foreground-scripts'];
  if (scripts['install'] !== undefined) return [run('install')];
  const has = (name: string) => scripts[name] !== undefined;
  return [
    ...(has('preinstall') ? [run('preinstall')] : []),
    ...(gyp && !has('preinstall')
      ? [['exec', '--prefix=.', '--offline', '--no-update-notifier', '--call', 'node-gyp rebuild']]
      : []),
    ...(has('postinstall') ? [run('postinstall')] : []),
  ];
}
