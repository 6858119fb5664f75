export {Fault, isFault, type FaultOptions} from './fault.ts';
export type {StepOptions} from './options.ts';
