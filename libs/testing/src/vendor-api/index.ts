export type { Json, Schema } from './sample.js';
export * from './vendor-api.js';
export * from './documented-server.js';
