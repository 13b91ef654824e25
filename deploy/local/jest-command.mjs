import { existsSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pinnedNode } from './pinned-node.mjs';
import { workspaceRoot } from './workspace.mjs';

/** The command line of Jest under the pinned Node. Targets are projects, folders and specs; everything when there are none. */
export const jestCommand = (targets, args) => [
  pinnedNode(),
  '--disable-warning=ExperimentalWarning',
  join(workspaceRoot, 'node_modules/jest/bin/jest.js'),
  `--config=${join(workspaceRoot, 'libs/testing/jest.config.mjs')}`,
  ...targets.map(patternOf),
  ...args,
];

function patternOf(target) {
  const candidates = [resolve(workspaceRoot, target), resolve(target), join(workspaceRoot, 'node_modules', target)];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined) throw new Error(`no project, folder or spec "${target}"`);
  const path = realpathSync(found);
  return `^${escaped(path)}${statSync(path).isDirectory() ? '/' : '$'}`;
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
