export {buildArchive} from './build-archive.ts';

export type {BuildEvent, BuildOptions} from './build-archive.ts';
