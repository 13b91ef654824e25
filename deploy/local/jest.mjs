// usage: node deploy/local/jest.mjs [project, folder or spec] [jest arguments]
import { runInForeground } from './run-command.mjs';
import { jestCommand } from './jest-command.mjs';
import { pinnedEnvironment } from './pinned-node.mjs';
import { say } from './progress.mjs';
import { workspaceRoot } from './workspace.mjs';

const args = process.argv.slice(2);
const target = args[0]?.startsWith('-') ? undefined : args.shift();

try {
  const [node, ...command] = jestCommand(target, args);
  process.exitCode = await runInForeground(node, command, { cwd: workspaceRoot, env: pinnedEnvironment() });
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
