import {Fault} from '@keelson/step';

/** PREPARE_ADDON_BROKEN names the file and why it does not load; PREPARE_TREE_DIFFERS the paths that are not what the archive says. */
export class PrepareFault extends Fault<
  | 'PREPARE_NOT_BUILT'
  | 'PREPARE_NODE_MISMATCH'
  | 'PREPARE_PLATFORM_MISMATCH'
  | 'PREPARE_TREE_DIFFERS'
  | 'PREPARE_ADDON_BROKEN'
  | 'PREPARE_REBUILD_FAILED'
  | 'PREPARE_NEEDS_USER'
> {}
