import {join} from 'node:path';
import {createRequire} from 'node:module';
import {pathToFileURL} from 'node:url';
import {SupervisorFault} from './fault.ts';
import type {Plugin} from './plugin.ts';

/**
 * The default exports of modules, as `./plugin.mjs` or the name of a package, from a directory.
 * @throws SupervisorFault SUPERVISOR_PLUGIN
 */
export async function loadPlugins(names: readonly string[], cwd: string): Promise<Plugin[]> {
  return Promise.all(names.map((name) => loadPlugin(name, cwd)));
}

async function loadPlugin(name: string, cwd: string): Promise<Plugin> {
  const refuse = (because: string, cause?: unknown): SupervisorFault =>
    new SupervisorFault('SUPERVISOR_PLUGIN', `The plugin ${name} cannot be used: ${because}`, {
      cause,
      hint: 'A plugin is a module whose default export is {name, setup(api)}.',
    });
  let loaded: {default?: unknown};
  try {
    const path = createRequire(join(cwd, 'x')).resolve(name);
    const url = pathToFileURL(path).href;
    loaded = (await import(url)) as {default?: unknown};
  } catch (error) {
    throw refuse((error as Error).message.split('\n')[0]!, error);
  }
  const plugin = isPlugin(loaded.default) ? loaded.default : (loaded as unknown);
  if (!isPlugin(plugin)) throw refuse('it exports no name and no setup function');
  return plugin;
}

function isPlugin(value: unknown): value is Plugin {
  if (typeof value !== 'object' || value === null) return false;
  const {name, setup} = value as Partial<Plugin>;
  return typeof name === 'string' && name !== '' && typeof setup === 'function';
}
