export { asToolError } from './answer.js';
export type { Hosting, ToolCallContext } from './call-context.js';
export { callMetaKeys, errorKey, needsHostKey, variablesKey } from './call-meta.js';
export {
  defineTool,
  type JsonObject,
  type McpServerDefinition,
  type ServerTool,
  type ToolFlag,
  type ToolSource,
  type Variable,
} from './definition.js';
export { errorOfStatus, retryAfterOf } from './http-status.policy.js';
export { connectInProcess } from './in-process.js';
export { type JsonAnswer, type JsonRequest, askJson } from './json-api.js';
export { fitting, maxResultBytes, tailOf } from './result-size.policy.js';
export { type HttpOptions, type RunningServer, serveHttp } from './serve-http.js';
export { serveStdio } from './serve-stdio.js';
export { serve, serverNodeFlags } from './serve.js';
export { type ErrorDetails, errorIn, ToolError, type ToolErrorCode, toolErrorCodes } from './tool-error.js';
