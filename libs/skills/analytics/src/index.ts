export * from './analytics.skill.js';
export { QueryResult } from './query/query-contract.js';
