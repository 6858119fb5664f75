import {Fault} from '@keelson/step';

export class SupervisorFault extends Fault<
  | 'SUPERVISOR_PORT_IN_USE'
  | 'SUPERVISOR_PORT_DENIED'
  | 'SUPERVISOR_HOST'
  | 'SUPERVISOR_WORKLOAD'
  | 'SUPERVISOR_NOT_READY'
  | 'SUPERVISOR_NOT_OPENED'
  | 'SUPERVISOR_STOPPED'
> {}
