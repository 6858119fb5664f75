export {changeSettings} from './change-settings.ts';
export {ReleaseFault} from './fault.ts';
export {makeRuntime} from './layout.ts';
export {openReleases} from './open-releases.ts';
export {readProjectRules, settingLayers} from './read-settings.ts';
export {readReleases} from './read-releases.ts';

export type {AssetPlan} from './carried-assets.ts';
export type {SettingChange} from './change-settings.ts';
export type {ConfigFacts, ConfigRevision, ConfigRevisions} from './config-revisions.ts';
export type {
  Action,
  DeployRules,
  DeploySettings,
  HealthCheck,
  Migration,
  ProjectRules,
  Tune,
} from './deploy-settings.ts';
export type {Change, JournalEntry} from './journal.ts';
export type {LedgerEntry, MigrationKind, MigrationLedger} from './migration-ledger.ts';
export type {SpaceNeed} from './free-space.ts';
export type {OpenReleasesOptions, PruneOptions, Releases} from './open-releases.ts';
export type {PortPlan} from './port-plan.ts';
export type {DeployRoot} from './read-releases.ts';
export type {SettingLayer} from './read-settings.ts';
export type {Release, ReleaseFacts, ReleaseState} from './release.ts';
export type {StagedRelease} from './staged-release.ts';
