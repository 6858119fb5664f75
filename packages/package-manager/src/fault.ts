import {Fault, type FaultOptions} from '@keelson/step';

export type PackageManagerFaultCode =
  | 'PM_AMBIGUOUS'
  | 'PM_UNSUPPORTED'
  | 'PM_NO_LOCKFILE'
  | 'PM_MISSING'
  | 'PM_ENVIRONMENT'
  | 'PM_INSTALL_FAILED'
  | 'PM_REBUILD_FAILED'
  | 'PM_SIGNATURE'
  | 'PM_REGISTRY'
  | 'PM_SCRIPT_FAILED';

export interface PackageManagerFaultOptions extends FaultOptions {
  /** Last lines that the package manager or script printed. */
  readonly lines?: readonly string[] | undefined;
}

export class PackageManagerFault extends Fault<PackageManagerFaultCode> {
  readonly lines: readonly string[];

  constructor(code: PackageManagerFaultCode, message: string, options: PackageManagerFaultOptions = {}) {
    super(code, message, options);
    this.lines = options.lines ?? [];
  }
}
