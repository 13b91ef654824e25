export * from './client.js';
export * from './nest/outgoing.module.js';
