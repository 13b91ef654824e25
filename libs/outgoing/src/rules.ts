// What is known of requests before any is made: the variables and the errors, without the client and its 15 MB.
export type { OutgoingRoute } from './address/route.js';
export * from './call/outgoing.env.js';
export type { OutgoingRules } from './call/outgoing-client.js';
export * from './errors.js';
