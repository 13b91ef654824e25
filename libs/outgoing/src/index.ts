export * from './client.js';
export * from './endpoint/endpoint-client.js';
export * from './nest/outgoing.module.js';
