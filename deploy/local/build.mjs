import { join } from 'node:path';
import { runInForeground } from './run-command.mjs';
import { withLock } from './lock.mjs';
import { pinnedEnvironment, pinnedNode } from './pinned-node.mjs';
import { sayWhile } from './progress.mjs';
import { stateFolder, workspaceRoot } from './workspace.mjs';

const compiler = join(workspaceRoot, 'node_modules/typescript/bin/tsc');

/** Compiles what changed in these projects and below, one process at a time. Resolves with the compiler's exit code. */
export function build(what, projects) {
  const configs = projects.map((project) => join(workspaceRoot, project, 'tsconfig.build.json'));
  const compile = () =>
    runInForeground(pinnedNode(), [compiler, '--build', ...configs], { cwd: workspaceRoot, env: pinnedEnvironment() });
  return withBuildLock(() => sayWhile(what, compile));
}

/** Two compilers at once would write the same files. */
export const withBuildLock = (work) => withLock(join(stateFolder, 'build.lock'), work);
