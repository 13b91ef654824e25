export * from './model/embedder.js';
export * from './process-embedder.js';
export * from './embedding.env.js';
export * from './errors.js';
export { fingerprintAgrees, fingerprintOf } from './model/fingerprint.policy.js';
export * from './model/vectors.policy.js';
export * from './text/passages.policy.js';
