export * from './eventually.js';
export { testBroker, type BrokerMessage, type TestBroker } from './test-broker.js';
export * from './test-database.js';
export * from './test-broker.js';
