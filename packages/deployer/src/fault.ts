import {Fault} from '@keelson/step';

export class DeployFault extends Fault<'DEPLOY_NOTHING_TO_ROLL_BACK' | 'DEPLOY_NEEDS_USER'> {}
