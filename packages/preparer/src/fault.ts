import {Fault} from '@keelson/step';

/**
 * PREPARE_NODE_MISMATCH and PREPARE_PLATFORM_MISMATCH: this machine is another one than the app needs. PREPARE_NOT_SIGNED: not by the
 * key that is trusted. PREPARE_UNSAFE_LINK: a link of a package leaves it. PREPARE_INSTALL_FAILED (temporary when the registry could
 * not be reached): the package manager's reason. PREPARE_ADDON_BROKEN names the package, each of its add-ons and why it does not load;
 * PREPARE_REBUILD_FAILED why the rebuild was needed. PREPARE_NEEDS_USER: code of the app would run as root.
 */
export class PrepareFault extends Fault<
  | 'PREPARE_NODE_MISMATCH'
  | 'PREPARE_PLATFORM_MISMATCH'
  | 'PREPARE_NOT_SIGNED'
  | 'PREPARE_NO_APP'
  | 'PREPARE_UNSAFE_LINK'
  | 'PREPARE_INSTALL_FAILED'
  | 'PREPARE_ADDON_BROKEN'
  | 'PREPARE_REBUILD_FAILED'
  | 'PREPARE_NEEDS_USER'
> {}
