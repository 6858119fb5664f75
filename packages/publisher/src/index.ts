export {parseDestination} from './destination.ts';
export type {Destination, FileDestination, GitDestination} from './destination.ts';
export {PublisherFault} from './fault.ts';
export {publish} from './publish.ts';
export type {Publication, PublishEvent, PublishOptions} from './publish.ts';
