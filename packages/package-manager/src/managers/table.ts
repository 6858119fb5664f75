import type {PackageManagerName} from '../package-manager.ts';
import type {Manager} from './manager.ts';
import {npm} from './npm.ts';
import {pnpm} from './pnpm.ts';
import {yarn} from './yarn.ts';

export const MANAGERS = {npm, pnpm, yarn} satisfies Record<PackageManagerName, Manager>;
