import { join } from 'node:path';
import { build } from './build.mjs';
import { runInForeground } from './foreground.mjs';
import { pinnedEnvironment, pinnedNode } from './pinned-node.mjs';
import { say } from './progress.mjs';
import { workspaceRoot } from './workspace.mjs';

const start = (app) =>
  runInForeground(pinnedNode(), [join(workspaceRoot, app, 'dist/main.js'), ...process.argv.slice(2)], {
    cwd: workspaceRoot,
    env: pinnedEnvironment(),
  });

/** Builds what changed in an app and in those whose processes it starts, then runs it with the arguments of this process. */
export async function runHarness(app, started) {
  try {
    process.exitCode = (await build('Building what changed', [...started, app])) || (await start(app));
  } catch (error) {
    say(error.message);
    process.exitCode = 1;
  }
}
