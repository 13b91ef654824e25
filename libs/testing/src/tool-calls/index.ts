export * from './audit.js';
export * from './effect-servers.js';
export * from './kept-calls.policy.js';
