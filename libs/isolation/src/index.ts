export { type EntryPoint, entryPoint } from './entry-point.policy.js';
