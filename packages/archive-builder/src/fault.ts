import {Fault} from '@keelson/step';

export class BuildFault extends Fault<'BUILD_SECRET' | 'BUILD_NO_REPOSITORY' | 'BUILD_NOT_A_DEPLOY_BRANCH'> {}
