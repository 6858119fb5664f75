import type {PackageManager, PackageManagerName} from '../package-manager.ts';
import type {Manager} from './manager.ts';
import {npm} from './npm.ts';
import {pnpm} from './pnpm.ts';
import {yarnBerry, yarnPnp} from './yarn-berry.ts';
import {yarn} from './yarn.ts';

const MANAGERS = {npm, pnpm, yarn} satisfies Record<PackageManagerName, Manager>;

export function commandsOf({name, berry, pnp}: PackageManager): Manager {
  if (pnp === true) return yarnPnp;
  return berry === true ? yarnBerry : MANAGERS[name];
}
