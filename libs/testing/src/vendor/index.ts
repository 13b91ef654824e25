export * from './vendor-server.js';
