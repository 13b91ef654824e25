import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { workspaceRoot } from './workspace.mjs';

const binaries = join(workspaceRoot, 'node_modules/.bin');

/** The Node of the package "node" in package-lock.json: the one the images run, whatever the machine has. */
export function pinnedNode() {
  const node = join(binaries, 'node');
  if (!existsSync(node)) throw new Error('dependencies are not installed: run "npm ci" in the repository');
  return realpathSync(node);
}

/** An environment in which `node` and every tool of node_modules are the pinned ones. */
export const pinnedEnvironment = (changes = {}) => ({
  ...process.env,
  ...changes,
  PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}`,
});
