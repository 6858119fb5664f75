import {Fault} from '@keelson/step';

/**
 * DEPLOY_NEEDS_USER: the app would run as root. DEPLOY_NOTHING_TO_ROLL_BACK: no other release is there that worked. DEPLOY_ACTION: an
 * action that does not exist, or calls itself. DEPLOY_CONFIG: configuration that cannot be read (temporary when the network was at fault).
 * DEPLOY_NODE: a release is bound to a Node that is not here.
 */
export class DeployFault extends Fault<
  'DEPLOY_NOTHING_TO_ROLL_BACK' | 'DEPLOY_NEEDS_USER' | 'DEPLOY_ACTION' | 'DEPLOY_CONFIG' | 'DEPLOY_NODE'
> {}
