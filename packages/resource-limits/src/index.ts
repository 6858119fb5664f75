export {distribute} from './distribute.ts';
export {LimitsFault} from './fault.ts';
export {heapMegabytes} from './heap.ts';
export {parseWeights} from './parse-weights.ts';
export {readLimits} from './read-limits.ts';
export {formatSize, parseSize} from './size.ts';
export type {Allocation, DistributeOptions, EntryPoint, Size} from './distribute.ts';
export type {HostFacts, LimitOverrides, Limits, LimitSource, ReadLimitsOptions} from './read-limits.ts';
