export { cli, type Outcome } from './cli.js';
export { CliEnv } from './command.js';
