export { health } from './health.js';
export { HealthEnv } from './health.env.js';
