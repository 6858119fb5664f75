export {appModel} from './app-model.ts';
export {exportApp} from './export-app.ts';
export {uninstallApp} from './uninstall-app.ts';
export {AppExportFault} from './fault.ts';
export type {AppModelOptions} from './app-model.ts';
export type {ShareOptions} from './app-shares.ts';
export type {UninstallOptions} from './uninstall-app.ts';
export type {AppExport, ExportEvent, ExportOptions} from './export-app.ts';
