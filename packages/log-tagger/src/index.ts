export {blockingOutput} from './blocking-output.ts';
export {TaggerFault} from './fault.ts';
export {createTagger} from './tagger.ts';
export type {FormatOptions, LineFormat} from './line-format.ts';
export type {Tagger, TaggerEvent, TaggerOptions, TaggerSource} from './tagger.ts';
