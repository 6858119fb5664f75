export {bin, packageRoot} from './package-root.ts';
export {describeWith} from './describe-with.ts';
export {expectFault, faultOf} from './fault-of.ts';
export {git, gitRemote, type GitRemote} from './git-remote.ts';
export {launchBin, type LaunchedBin} from './launch-bin.ts';
export {freePort} from './free-port.ts';
export {alive, processesOf, processesWith, until} from './processes.ts';
export {runBin, type BinOptions, type BinResult} from './run-bin.ts';
export {testdir, type TestDirectory, type Tree} from './testdir.ts';
