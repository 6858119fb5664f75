export {rightsFor, withRights} from './account.ts';
export {addonsHere} from './addons-here.ts';
export {PrepareFault} from './fault.ts';
export {prepare} from './prepare.ts';
export {asOwner} from './prepare-archive.ts';
export {openApp} from './raw-package.ts';
export {ownDependencies} from './store/own-dependencies.ts';

export type {Account, Rights} from './account.ts';
export type {AppNode, NodeFor} from './app-node.ts';
export type {AddonGroup} from './addons-here.ts';
export type {PreparedApp, PrepareEvent, PrepareOptions} from './prepare.ts';
export type {RawPackage} from './raw-package.ts';
export type {TrustedKey} from './require-signature.ts';
