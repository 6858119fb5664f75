export {bindEnv, redactEnv} from './bind.ts';
export type {BoundEnv} from './bind.ts';
export {EnvFault} from './fault.ts';
export {readEnvFile} from './layer.ts';
export type {EnvLayer} from './layer.ts';
export {parseEnv} from './parse.ts';
export type {EnvMap} from './parse.ts';
export {serializeEnv} from './serialize.ts';
