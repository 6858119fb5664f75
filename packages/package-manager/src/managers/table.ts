import type {PackageManager, PackageManagerName} from '../package-manager.ts';
import type {Manager} from './manager.ts';
import {npm} from './npm.ts';
import {pnpm} from './pnpm.ts';
import {yarnBerry} from './yarn-berry.ts';
import {yarn} from './yarn.ts';

const MANAGERS = {npm, pnpm, yarn} satisfies Record<PackageManagerName, Manager>;

export function commandsOf({name, berry}: PackageManager): Manager {
  return berry === true ? yarnBerry : MANAGERS[name];
}
