import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const workspaceRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Everything these scripts write; git-ignored, safe to delete while the servers are down. */
export const stateFolder = join(workspaceRoot, '.pulser');
