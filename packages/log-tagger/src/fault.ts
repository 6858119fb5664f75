import {Fault} from '@keelson/step';

export class TaggerFault extends Fault<
  'TAGGER_OPTIONS' | 'TAGGER_CLOSED' | 'TAGGER_INPUT_FAILED' | 'TAGGER_SINK_FAILED' | 'TAGGER_SINK_INVALID'
> {}
