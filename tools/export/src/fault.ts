import {Fault} from '@keelson/step';

/**
 * EXPORT_DIR: there is no such directory.
 * EXPORT_NAME: no name for the units can be made of the app's. EXPORT_REJECTED: the manager's own checker finds fault with a unit.
 * EXPORT_SETTING: `--set` names no process, or is no PROCESS.FIELD=VALUE. EXPORT_ACCOUNT: there is no such user or group.
 * EXPORT_NODE: there is no such Node. EXPORT_RUNNER: the runner is not installed. EXPORT_TEMPLATE: no templates, or some in the way.
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
