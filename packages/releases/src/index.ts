export {ReleaseFault} from './fault.ts';
export {openReleases} from './open-releases.ts';
export {readReleases} from './read-releases.ts';

export type {ConfigRevision, ConfigRevisions} from './config-revisions.ts';
export type {DeploySettings} from './deploy-settings.ts';
export type {JournalEntry} from './journal.ts';
export type {SpaceNeed} from './free-space.ts';
export type {OpenReleasesOptions, PruneOptions, Releases} from './open-releases.ts';
export type {PortPlan} from './port-plan.ts';
export type {DeployRoot} from './read-releases.ts';
export type {Release, ReleaseFacts, ReleaseState} from './release.ts';
export type {StagedRelease} from './staged-release.ts';
