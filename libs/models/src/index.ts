export * from './chat.js';
export * from './endpoint.js';
export * from './estimate.policy.js';
export * from './model-client.js';
export * from './model-failure.js';
export * from './models.env.js';
export * from './next-try.policy.js';
export * from './price.policy.js';
