import type {StepOptions} from '@keelson/step';
import {EnvFault} from './fault.ts';
import {readEnvFile} from './layer.ts';
import {layEnv} from './lay-env.ts';
import {typeProblem, type EnvType} from './value-type.ts';

/** What one environment's configuration lacks for an app. */
export interface EnvironmentCheck {
  /** The file, as it was named. */
  readonly name: string;
  /** Required names that it does not set, sorted. */
  readonly missing: readonly string[];
  /** `NAME has to be …`, never with a value. */
  readonly wrong: readonly string[];
}

export interface EnvironmentsCheck {
  readonly kind: 'environments-check';
  readonly complete: boolean;
  readonly environments: readonly EnvironmentCheck[];
}

// They are resolved where the app runs.
const SECRET = /^secret:(credential|file|command):/;

/** Checks each file by itself, as the configuration of one environment. Faults: those of readEnvFile, ENV_REFERENCE. */
export async function checkEnvironments(
  files: readonly string[],
  required: Readonly<Record<string, EnvType>>,
  options: StepOptions & {readonly expand?: boolean | undefined} = {},
): Promise<EnvironmentsCheck> {
  const {signal, expand} = options;
  if (files.length === 0) throw new EnvFault('ENV_MISSING_FILE', 'no configuration is named');
  const environments: EnvironmentCheck[] = [];
  for (const name of files) {
    const {values} = layEnv([await readEnvFile(name, {signal, expand})]);
    const names = Object.keys(required).toSorted();
    const missing = names.filter((one) => values[one] === undefined);
    const wrong = names.flatMap((one) => {
      const value = values[one];
      const problem =
        value === undefined || SECRET.test(value) ? undefined : typeProblem(required[one]!, value);
      return problem === undefined ? [] : [`${one} ${problem}`];
    });
    environments.push({name, missing, wrong});
  }
  const complete = environments.every(({missing, wrong}) => missing.length + wrong.length === 0);
  return {kind: 'environments-check', complete, environments};
}
