import {Fault} from '@keelson/step';

/**
 * FOREMAN_OPTIONS: what was asked for contradicts itself or the Procfile. FOREMAN_NOT_READY: others wait for a process that did
 * not become ready. FOREMAN_OUTPUT: what the processes print cannot be written any more.
 */
export class ForemanFault extends Fault<'FOREMAN_OPTIONS' | 'FOREMAN_NOT_READY' | 'FOREMAN_OUTPUT'> {}
