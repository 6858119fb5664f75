import {Fault} from '@keelson/step';

/**
 * EXPORT_DIR: there is no such directory.
 * EXPORT_NAME: the app's name is none for units, and none can be made of it. EXPORT_REJECTED: the manager's own checker finds fault with a unit.
 * EXPORT_SETTING: `--set` names no process, or is no PROCESS.FIELD=VALUE. EXPORT_ACCOUNT: there is no such user or group.
 * EXPORT_NODE: there is no such Node. EXPORT_RUNNER: the runner is not installed. EXPORT_TEMPLATE: no templates, some in the way,
 * or some that root does not trust.
 * EXPORT_NOTHING: no instance is asked for.
 * EXPORT_WRITE: the directory of the units cannot be written.
 */
export class AppExportFault extends Fault<
  | 'EXPORT_DIR'
  | 'EXPORT_NAME'
  | 'EXPORT_NOTHING'
  | 'EXPORT_REJECTED'
  | 'EXPORT_SETTING'
  | 'EXPORT_ACCOUNT'
  | 'EXPORT_NODE'
  | 'EXPORT_RUNNER'
  | 'EXPORT_TEMPLATE'
  | 'EXPORT_WRITE'
> {}
