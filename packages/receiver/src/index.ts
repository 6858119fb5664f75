export type {Accept, Received, Reply, Verdict} from './accept.ts';
export {ReceiverFault} from './fault.ts';
export {startReceiver} from './receiver.ts';
export type {Receiver, ReceiverEvent, ReceiverLimits, ReceiverOptions} from './receiver.ts';
