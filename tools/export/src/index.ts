export {appModel} from './app-model.ts';
export {exportApp} from './export-app.ts';
export {AppExportFault} from './fault.ts';
export type {AppModelOptions} from './app-model.ts';
export type {ShareOptions} from './app-shares.ts';
export type {AppExport, ExportEvent, ExportOptions} from './export-app.ts';
