export { cli } from './cli.js';
export { CliEnv } from './command.js';
