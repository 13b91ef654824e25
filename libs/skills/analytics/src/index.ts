export * from './analytics.skill.js';
export * from './query/query-result.js';
