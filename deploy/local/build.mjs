import { join } from 'node:path';
import { runInForeground } from './run-command.mjs';
import { withLock } from './lock.mjs';
import { pinnedEnvironment, pinnedNode } from './pinned-node.mjs';
import { sayWhile } from './progress.mjs';
import { stateFolder, workspaceRoot } from './workspace.mjs';

const compiler = join(workspaceRoot, 'node_modules/typescript/bin/tsc');

/**
 * The compiler's arguments for these configurations. It does not check types, which takes more than half of the time:
 * `npm test` does, for sources and specs together, and so does an editor.
 */
export const buildArguments = (configs) => ['--build', '--noCheck', ...configs];

/** Compiles what changed in these projects and below, one process at a time. Resolves with the compiler's exit code. */
export function build(what, projects) {
  const configs = projects.map((project) => join(workspaceRoot, project, 'tsconfig.build.json'));
  const compile = () =>
    runInForeground(pinnedNode(), [compiler, ...buildArguments(configs)], {
      cwd: workspaceRoot,
      env: pinnedEnvironment(),
    });
  return withBuildLock(() => sayWhile(what, compile));
}

/** Two compilers at once would write the same files. */
export const withBuildLock = (work) => withLock(join(stateFolder, 'build.lock'), work);
