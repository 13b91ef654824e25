// What `npm run chaos` runs: builds what changed, then breaks Pulser's processes and servers of its own.
import { join } from 'node:path';
import { build } from './build.mjs';
import { runInForeground } from './foreground.mjs';
import { pinnedEnvironment, pinnedNode } from './pinned-node.mjs';
import { say } from './progress.mjs';
import { workspaceRoot } from './workspace.mjs';

const program = join(workspaceRoot, 'apps/chaos/dist/main.js');

const run = () =>
  runInForeground(pinnedNode(), [program, ...process.argv.slice(2)], { cwd: workspaceRoot, env: pinnedEnvironment() });

try {
  process.exitCode =
    (await build('Building what changed', ['apps/gateway', 'apps/router', 'apps/chaos'])) || (await run());
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
