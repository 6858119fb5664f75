import {runtimeFacts, type RuntimeFacts} from '@keelson/archive';
import type {StepOptions} from '@keelson/step';

/** A Node that is not this one: the app's own. */
export interface AppNode {
  /** `22.12.0` */
  readonly version: string;
  /** Absolute path of the program. */
  readonly program: string;
}

/** Finds the Node that an app asks for (`engines.node`); undefined: this one will do. */
export type NodeFor = (
  range: string | undefined,
  options: Pick<StepOptions, 'signal'>,
) => Promise<AppNode | undefined>;

/** The machine, with the app's Node. Its ABI is not known: what loads decides. */
export function factsWith(node: AppNode | undefined): RuntimeFacts {
  const facts = runtimeFacts();
  return node === undefined ? facts : {...facts, version: node.version, abi: 'unknown'};
}
