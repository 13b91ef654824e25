export { router } from './router.js';
export { RouterEnv } from './router.env.js';
