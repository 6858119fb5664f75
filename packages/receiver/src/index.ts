export type {Accept, Received, Reply, Verdict} from './accept.ts';
export {ReceiverFault} from './fault.ts';
export type {ReceiverLimits} from './limits.ts';
export {startReceiver} from './receiver.ts';
export type {Receiver, ReceiverEvent, ReceiverOptions} from './receiver.ts';
