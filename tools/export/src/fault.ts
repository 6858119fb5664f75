import {Fault} from '@keelson/step';

/**
 * EXPORT_NAME: no name for the units can be made of the app's. EXPORT_REJECTED: the manager's own checker finds fault with a unit.
 * EXPORT_SETTING: `--set` names no process, or is no PROCESS.FIELD=VALUE.
 */
export class AppExportFault extends Fault<'EXPORT_NAME' | 'EXPORT_REJECTED' | 'EXPORT_SETTING'> {}
