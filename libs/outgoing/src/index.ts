export { AllowEntry } from './address/reachable.policy.js';
export * from './address/route.js';
export * from './call/outgoing-client.js';
export * from './call/outgoing-request.js';
export * from './call/outgoing-response.js';
export type { OutgoingRules } from './call/outgoing-client.js';
export * from './errors.js';
export type { OutgoingFacts } from './errors.js';
export * from './nest/outgoing.module.js';
