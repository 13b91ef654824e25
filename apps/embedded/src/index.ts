export { EmbeddedEnv } from './embedded.env.js';
