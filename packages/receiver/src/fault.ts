import {Fault} from '@keelson/step';

export class ReceiverFault extends Fault<
  | 'RECEIVER_NEEDS_TOKEN'
  | 'RECEIVER_BAD_TOKEN'
  | 'RECEIVER_BAD_APP'
  | 'RECEIVER_BAD_CONFIG'
  | 'RECEIVER_CANNOT_LISTEN'
  | 'RECEIVER_REFUSED'
> {}
