export { pulserHub } from './server.js';
export type { McpEcosystem } from './tools/ecosystem.js';
