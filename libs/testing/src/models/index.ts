export * from './model-reply.js';
export * from './model-server.js';
export * from './recorded-models.js';
