import {Fault} from '@keelson/step';

export class BuildFault extends Fault<
  | 'BUILD_SECRET'
  | 'BUILD_NOTHING_INCLUDED'
  | 'BUILD_WORKSPACE'
  | 'BUILD_TOO_NEW'
  | 'BUILD_TARGET'
  | 'BUILD_TRACE'
  | 'BUILD_DEPLOY_REPO'
  | 'BUILD_NO_REPOSITORY'
  | 'BUILD_NOT_A_DEPLOY_BRANCH'
> {}
