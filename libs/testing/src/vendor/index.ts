export * from './faults.js';
export * from './vendor-server.js';
