// What `npm run docs` runs: builds, and writes what other files have from the code and the roster.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { withRoster } from './compose.mjs';
import { pinnedNode } from './pinned-node.mjs';
import { runInForeground } from './run-command.mjs';
import { agentFolders, mcpServerFolders, workspaceRoot } from './workspace.mjs';

const run = (program, ...args) => runInForeground(program, args, { cwd: workspaceRoot });

process.exitCode =
  (await build('Building what changed', ['apps/embedded', ...agentFolders(), ...mcpServerFolders()])) ||
  (await run(pinnedNode(), 'apps/embedded/dist/documentation/write-documents.js')) ||
  (await run('prettier', '--write', 'deploy/CONFIGURATION.md', 'deploy/rabbitmq/definitions.json'));

if (process.exitCode === 0) {
  // After the definitions, whose users it lists.
  const file = join(workspaceRoot, 'docker-compose.yml');
  const roster = await import('../../libs/roster/dist/index.js');
  writeFileSync(file, withRoster(readFileSync(file, 'utf8'), roster));
}
