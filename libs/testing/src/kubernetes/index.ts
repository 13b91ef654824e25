export * from './api-server.js';
export * from './deployment-controller.js';
export { type Fields, type StoredObject } from './store.js';
