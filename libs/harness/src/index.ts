export * from './processes.js';
export { onInterrupt, Random, readOptions, RunFolder, runToExit, workspaceRoot } from './run.js';
export * from './servers.js';
