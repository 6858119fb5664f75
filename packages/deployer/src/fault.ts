import {Fault} from '@keelson/step';

/** DEPLOY_NEEDS_USER: the app would run as root. DEPLOY_NOTHING_TO_ROLL_BACK: no other release is there that worked. */
export class DeployFault extends Fault<'DEPLOY_NOTHING_TO_ROLL_BACK' | 'DEPLOY_NEEDS_USER'> {}
