export {TaggerFault} from './fault.ts';
export {createTagger} from './tagger.ts';
export type {Tagger, TaggerEvent, TaggerOptions, TaggerSource} from './tagger.ts';
