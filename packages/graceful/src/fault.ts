import {Fault} from '@keelson/step';

export class GracefulFault extends Fault<'GRACEFUL_NOT_TRACKED' | 'GRACEFUL_LISTEN'> {}
