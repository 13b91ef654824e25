export { gateway } from './gateway.js';
export { GatewayEnv } from './gateway.env.js';
