// usage: node deploy/local/harness.mjs chaos|bench|fuzz|drill|eval [arguments]
// Builds what changed in a harness and in the apps whose processes it starts, then runs it in the foreground.
import { join } from 'node:path';
import { build } from './build.mjs';
import { buildDashboard } from './dashboard.mjs';
import { pinnedEnvironment, pinnedNode } from './pinned-node.mjs';
import { say } from './progress.mjs';
import { runInForeground } from './run-command.mjs';
import { agentFolders, mcpServerFolders, workspaceRoot } from './workspace.mjs';

const started = {
  chaos: [
    'apps/gateway',
    'apps/router',
    'apps/health',
    'apps/mcp-coordinator',
    ...agentFolders(),
    ...mcpServerFolders(),
  ],
  bench: ['apps/gateway', 'apps/router', 'apps/embedded'],
  fuzz: [],
  eval: [],
};
started.drill = started.chaos;

/** A drill uses the machinery of chaos. */
const programs = { drill: 'apps/chaos/dist/drill/main.js' };

async function run() {
  const [name = '', ...args] = process.argv.slice(2);
  if (!Object.hasOwn(started, name))
    throw new Error('usage: node deploy/local/harness.mjs chaos | bench | fuzz | drill | eval [arguments]');
  const main = programs[name] ?? `apps/${name}/dist/main.js`;
  const [app] = main.split('/dist/');
  const failed = await build('Building what changed', [...started[name], app]);
  if (failed || (name === 'bench' && (await buildDashboard()))) return 1;
  const command = [join(workspaceRoot, main), ...args];
  return runInForeground(pinnedNode(), command, { cwd: workspaceRoot, env: pinnedEnvironment() });
}

try {
  process.exitCode = await run();
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
