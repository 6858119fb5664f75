export {SourceFault} from './fault.ts';
export {openSource} from './open-source.ts';
export {parseSource} from './source.ts';

export type {Checkout} from './open-source.ts';
export type {Source} from './source.ts';
