// What `npm run docs` runs: builds, and writes what other files have from the code and the roster.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { writtenFiles } from './deployment-files.mjs';
import { pinnedNode } from './pinned-node.mjs';
import { runInForeground } from './run-command.mjs';
import { agentFolders, mcpServerFolders, workspaceRoot } from './workspace.mjs';

const run = (program, ...args) => runInForeground(program, args, { cwd: workspaceRoot });

process.exitCode =
  (await build('Building what changed', ['apps/embedded', ...agentFolders(), ...mcpServerFolders()])) ||
  (await run(pinnedNode(), 'apps/embedded/dist/documentation/write-documents.js')) ||
  (await run('prettier', '--write', 'deploy/CONFIGURATION.md', 'deploy/rabbitmq/definitions.json'));

if (process.exitCode === 0) {
  // After the definitions, whose users they list.
  const roster = await import('../../libs/roster/dist/index.js');
  const read = (path) => readFileSync(join(workspaceRoot, path), 'utf8');
  for (const [path, text] of Object.entries(writtenFiles(roster, read))) writeFileSync(join(workspaceRoot, path), text);
}
