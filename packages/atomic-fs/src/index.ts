export {AtomicFsFault} from './fault.ts';
export {cloneTree, type CloneOptions} from './clone-tree.ts';
export {isInside, resolveInside} from './inside.ts';
export {lockDirectory, type DirectoryLock, type LockOptions} from './lock.ts';
export {removeTree} from './remove-tree.ts';
export {replaceLink} from './replace-link.ts';
export {syncDirectory} from './sync-directory.ts';
export {temporaryDirectory, type TemporaryDirectory} from './temporary-directory.ts';
export {writeAtomic} from './write-atomic.ts';
