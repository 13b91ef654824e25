export * from './analytics.skill.js';
export * from './query/query-contract.js';
