export * from './occurrences.policy.js';
export { cronFault } from './patterns.policy.js';
