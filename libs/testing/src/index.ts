export * from './certificate.js';
export * from './cuttable.js';
export * from './eventually.js';
export * from './kept-counts.js';
export * from './test-broker.js';
export * from './test-database.js';
