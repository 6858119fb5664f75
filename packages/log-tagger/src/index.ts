export {createTagger} from './tagger.ts';
export type {Tagger, TaggerOptions, TaggerSource} from './tagger.ts';
