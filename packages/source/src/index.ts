export {SourceFault} from './fault.ts';
export {openSource} from './open-source.ts';
export {parseSource} from './parse-source.ts';

export type {Checkout, Revision, SourceEvent} from './checkout.ts';
export type {OpenOptions} from './open-source.ts';
export type {Source} from './parse-source.ts';
