export {SourceFault} from './fault.ts';
export {authorizationFor} from './http/authorization-for.ts';
export {connectionFailure, pauseAfter} from './http/connection-failure.ts';
export {download} from './http/download.ts';
export {request} from './http/request.ts';
export {openSource} from './open-source.ts';
export {parseSource} from './parse-source.ts';

export type {Checkout, Revision, SourceEvent} from './checkout.ts';
export type {Download, DownloadOptions} from './http/download.ts';
export type {HttpCall} from './http/request.ts';
export type {OpenOptions} from './open-source.ts';
export type {GitSource, HttpSource, Source} from './parse-source.ts';
