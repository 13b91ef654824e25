import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const workspaceRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Everything these scripts write; git-ignored, safe to delete while the servers are down. */
export const stateFolder = join(workspaceRoot, '.pulser');

const projectsIn = (parent) =>
  readdirSync(join(workspaceRoot, parent))
    .map((name) => `${parent}/${name}`)
    .filter((folder) => existsSync(join(workspaceRoot, folder, 'package.json')));

/** Folders of the agents in this repository, from its root. */
export const agentFolders = () => projectsIn('apps/agents');

/** Folders of the MCP servers in this repository, which the coordinator starts as processes. */
export const mcpServerFolders = () => projectsIn('apps/mcp');
