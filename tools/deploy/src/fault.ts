import {Fault} from '@keelson/step';

export class DeployServerFault extends Fault<
  | 'SERVE_NOT_RUNNING'
  | 'SERVE_BAD_ADDRESS'
  | 'SERVE_BAD_VALUE'
  | 'SERVE_ALREADY_RUNNING'
  | 'SERVE_FAILED'
  | 'SERVE_UNKNOWN_APP'
  | 'SERVE_PATH_TOO_LONG'
  | 'SERVE_SYSTEMD'
  | 'SERVE_NOTHING_FOUND'
  | 'SERVE_INTEGRITY'
> {}
