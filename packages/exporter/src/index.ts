export {applyInstall} from './apply-install.ts';
export {ExportFault} from './fault.ts';
export {planInstall} from './plan-install.ts';
export {renderUnits} from './render-units.ts';
export type {InstallEvent} from './apply-install.ts';
export type {InstallChange, InstalledFile, InstallInput, InstallPlan} from './plan-install.ts';
export type {CapabilityRow, Format, Rendering, UnitFile} from './render-units.ts';
export type {
  EnvFile,
  RestartRule,
  ServiceLimits,
  ServiceModel,
  ServiceProcess,
  ServiceUser,
  StopRule,
} from './service-model.ts';
