import {Fault} from '@keelson/step';

export class AtomicFsFault extends Fault<'PATH_OUTSIDE' | 'LOCK_HELD'> {}
