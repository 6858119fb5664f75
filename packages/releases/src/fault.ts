import {Fault} from '@keelson/step';

/**
 * RELEASE_LOCKED and RELEASE_NO_SPACE are temporary. RELEASE_FOREIGN_FILES names what does not belong into a deploy root,
 * RELEASE_PERSISTENT the path that cannot outlive releases, RELEASE_RENDERED the file that a template cannot be rendered to,
 * RELEASE_SETTINGS the field of keelson.json.
 */
export class ReleaseFault extends Fault<
  | 'RELEASE_LOCKED'
  | 'RELEASE_MISSING'
  | 'RELEASE_FOREIGN_FILES'
  | 'RELEASE_NO_SPACE'
  | 'RELEASE_PERSISTENT'
  | 'RELEASE_RENDERED'
  | 'RELEASE_SETTINGS'
  | 'RELEASE_CORRUPT'
> {}
