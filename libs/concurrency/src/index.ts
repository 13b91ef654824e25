export * from './backoff.js';
export * from './brief-cache.js';
export * from './coalescer.js';
export * from './loop.js';
export * from './time-limits.js';
