import type {ReadProcess} from '../check-read-back.ts';
import {ExportFault} from '../fault.ts';
import type {UnitFile} from '../render-units.ts';
import {readYamlText} from '../yaml/json-in-yaml.ts';
import {readKubeletText} from './escape.ts';

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {readonly fieldRef?: {readonly fieldPath?: string}};
}

interface Reference {
  readonly configMapRef?: {readonly name: string};
  readonly secretRef?: {readonly name: string};
}

interface Container {
  readonly command: readonly string[];
  readonly workingDir?: string;
  readonly env?: readonly Variable[];
  readonly envFrom?: readonly Reference[];
}

interface Read {
  readonly kind: string;
  readonly metadata: {readonly name: string};
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly Container[];
        readonly securityContext?: {readonly runAsUser?: number; readonly runAsGroup?: number};
      };
    };
  };
}

/** A pod's own name comes back as the name of the first instance: what every replica stands for. */
function valueOf(file: string, {value, valueFrom}: Variable, first: string): string {
  return valueFrom?.fieldRef?.fieldPath === 'metadata.name' ? first : readKubeletText(file, value ?? '');
}

/** What the containers of Deployments will be, ConfigMaps and Secrets looked up. Faults: EXPORT_MISMATCH. */
export function readObjects(
  files: readonly UnitFile[],
  model: {readonly processes: readonly {readonly name: string}[]},
): ReadProcess[] {
  const all = files.map(({path, content}) => ({path, object: readYamlText(content) as Read}));
  const from = (kind: string, name: string, path: string) => {
    const found = all.find(({object}) => object.kind === kind && object.metadata.name === name);
    if (!found) throw new ExportFault('EXPORT_MISMATCH', `${path}: there is no ${kind} ${name}`);
    return found.object.data ?? found.object.stringData ?? {};
  };
  return all
    .filter(({object}) => object.kind === 'Deployment')
    .map(({path, object}, index) => {
      const pod = object.spec!.template.spec;
      const [app, second] = pod.containers;
      if (!app || second) throw new ExportFault('EXPORT_MISMATCH', `${path}: not one container`);
      const first = `${model.processes[index]?.name}.1`;
      const env = (app.env ?? []).map((one) => [one.name, valueOf(path, one, first)] as const);
      const {runAsUser, runAsGroup} = pod.securityContext ?? {};
      return {
        file: path,
        env: Object.assign(
          {},
          ...(app.envFrom ?? []).map(({configMapRef, secretRef}) =>
            configMapRef
              ? from('ConfigMap', configMapRef.name, path)
              : from('Secret', secretRef?.name ?? '', path),
          ),
          Object.fromEntries(env),
        ) as Record<string, string>,
        argv: app.command.map((word) => readKubeletText(path, word)),
        cwd: app.workingDir,
        user: runAsUser?.toString(),
        group: runAsGroup?.toString(),
      };
    });
}
