import {Fault} from '@keelson/step';

export class SupervisorFault extends Fault<
  'SUPERVISOR_PORT_IN_USE' | 'SUPERVISOR_PORT_DENIED' | 'SUPERVISOR_STOPPED' | 'SUPERVISOR_WORKLOAD'
> {}
