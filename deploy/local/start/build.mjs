import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runInForeground } from '../foreground.mjs';
import { withLock } from '../lock.mjs';
import { pinnedEnvironment, pinnedNode } from '../pinned-node.mjs';
import { sayWhile } from '../progress.mjs';
import { stateFolder, workspaceRoot } from '../workspace.mjs';
import { serverFile } from './server.mjs';

const compiler = join(workspaceRoot, 'node_modules/typescript/bin/tsc');
const project = join(workspaceRoot, 'apps/embedded/tsconfig.build.json');

/** Compiles what changed since the last build, one process at a time. Resolves with the compiler's exit code. */
export function buildEmbedded() {
  const what = existsSync(serverFile) ? 'Building what changed' : 'Building (only the first time it takes so long)';
  return withLock(join(stateFolder, 'build.lock'), () => sayWhile(what, compile));
}

const compile = () =>
  runInForeground(pinnedNode(), [compiler, '--build', project], { cwd: workspaceRoot, env: pinnedEnvironment() });
