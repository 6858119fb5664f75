import {Fault} from '@keelson/step';

export class ForemanFault extends Fault<'FOREMAN_OPTIONS'> {}
