// The client without its Nest module: for handlers of tasks, whose threads load no Nest.
export type { Address } from './address/public-address.policy.js';
export { AllowEntry } from './address/reachable.policy.js';
export * from './address/route.js';
export * from './call/outgoing.env.js';
export * from './call/outgoing-client.js';
export * from './call/outgoing-request.js';
export * from './call/outgoing-response.js';
export * from './call/outgoing-settings.js';
export { OutgoingStream } from './call/outgoing-stream.js';
export { fetchOver } from './call/outgoing-fetch.js';
export * from './errors.js';
export * from './endpoint/endpoint-client.js';
