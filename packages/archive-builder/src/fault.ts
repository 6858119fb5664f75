import {Fault} from '@keelson/step';

export class BuildFault extends Fault<
  | 'BUILD_SECRET'
  | 'BUILD_NOTHING_INCLUDED'
  | 'BUILD_WORKSPACE'
  | 'BUILD_TOO_NEW'
  | 'BUILD_NO_REPOSITORY'
  | 'BUILD_NOT_A_DEPLOY_BRANCH'
> {}
