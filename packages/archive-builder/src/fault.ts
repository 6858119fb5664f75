import {Fault} from '@keelson/step';

export class BuildFault extends Fault<'BUILD_SECRET'> {}
