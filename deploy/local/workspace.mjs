import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const workspaceRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Everything these scripts write; git-ignored, safe to delete while the servers are down. */
export const stateFolder = join(workspaceRoot, '.pulser');

/** Folders of the agents in this repository, from its root. */
export const agentFolders = () =>
  readdirSync(join(workspaceRoot, 'apps/agents'))
    .map((name) => `apps/agents/${name}`)
    .filter((folder) => existsSync(join(workspaceRoot, folder, 'package.json')));
