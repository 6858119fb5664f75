export {addonsHere} from './addons-here.ts';
export {PrepareFault} from './fault.ts';
export {prepare} from './prepare.ts';

export type {AddonGroup} from './addons-here.ts';
export type {PreparedApp, PrepareEvent, PrepareOptions} from './prepare.ts';
