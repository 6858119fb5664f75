export {buildArchive} from './build-archive.ts';
export {buildOnto} from './build-onto.ts';
export type {BranchArchive} from './build-onto.ts';
export {BuildFault} from './fault.ts';

export type {BuildOptions} from './build-archive.ts';
export type {BuildEvent} from './build-event.ts';
