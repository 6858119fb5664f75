export {serve, type DeployServer, type ServeEvent, type ServeOptions} from './serve.ts';
export {askServer} from './ask-server.ts';
export {DeployServerFault} from './fault.ts';
export {deployLine} from './deploy-line.ts';
export {supervisorRuntime} from './runtime/supervisor.ts';
export type {ServerStatus} from './control-server.ts';
export {parseAddress} from './parse-address.ts';
export {tokenFile} from './push-token.ts';
