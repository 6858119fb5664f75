import type {ServiceModel} from './service-model.ts';

export type Format = 'systemd';

export interface UnitFile {
  /** File name, relative to the directory of the units. */
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

/** How one field of the model came out in the format. */
export interface CapabilityRow {
  readonly process?: string | undefined;
  /** Path in the model: `limits.memoryMax`. */
  readonly field: string;
  readonly status: 'native' | 'launcher' | 'emulated' | 'approximate' | 'unsupported';
  /** The directive, or why it isn't native. */
  readonly by: string;
}

export interface Rendering {
  readonly kind: 'rendering';
  readonly format: Format;
  readonly app: string;
  readonly files: readonly UnitFile[];
  readonly report: readonly CapabilityRow[];
}

export async function renderUnits(format: Format, model: ServiceModel): Promise<Rendering> {
  throw new Error(`not yet ${format} ${model.name}`);
}
