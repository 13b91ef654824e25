// usage: node deploy/local/jest.mjs [project, folder or spec] [jest arguments]
import { runInForeground } from './run-command.mjs';
import { jestCommand } from './jest-command.mjs';
import { pinnedEnvironment } from './pinned-node.mjs';
import { say } from './progress.mjs';
import { workspaceRoot } from './workspace.mjs';

const args = process.argv.slice(2);
const targets = args.length === 0 || args[0].startsWith('-') ? [] : [args.shift()];

try {
  const [node, ...command] = jestCommand(targets, args);
  process.exitCode = await runInForeground(node, command, { cwd: workspaceRoot, env: pinnedEnvironment() });
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
