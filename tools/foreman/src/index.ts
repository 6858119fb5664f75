export {ForemanFault} from './fault.ts';
