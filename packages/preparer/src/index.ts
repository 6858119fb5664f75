export {PrepareFault} from './fault.ts';
export {prepare} from './prepare.ts';

export type {PreparedApp, PrepareEvent, PrepareOptions} from './prepare.ts';
