// usage: node deploy/local/harness.mjs chaos|bench|fuzz [arguments]
// Builds what changed in a harness and in the apps whose processes it starts, then runs it in the foreground.
import { join } from 'node:path';
import { build } from './build.mjs';
import { pinnedEnvironment, pinnedNode } from './pinned-node.mjs';
import { say } from './progress.mjs';
import { runInForeground } from './run-command.mjs';
import { workspaceRoot } from './workspace.mjs';

const started = {
  chaos: ['apps/gateway', 'apps/router'],
  bench: ['apps/gateway', 'apps/router', 'apps/embedded'],
  fuzz: [],
};

async function run() {
  const [name = '', ...args] = process.argv.slice(2);
  if (!Object.hasOwn(started, name))
    throw new Error('usage: node deploy/local/harness.mjs chaos | bench | fuzz [arguments]');
  const app = `apps/${name}`;
  const failed = await build('Building what changed', [...started[name], app]);
  if (failed) return failed;
  const command = [join(workspaceRoot, app, 'dist/main.js'), ...args];
  return runInForeground(pinnedNode(), command, { cwd: workspaceRoot, env: pinnedEnvironment() });
}

try {
  process.exitCode = await run();
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
