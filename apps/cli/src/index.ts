export { cli } from './cli.js';
export { CliEnv } from './cli.env.js';
