export * from './email.policy.js';
export * from './http-sinks.js';
export * from './message.policy.js';
export * from './outcome.js';
export * from './quiet-hours.policy.js';
export * from './slack.policy.js';
export * from './smtp-sink.js';
export * from './webhook.policy.js';
