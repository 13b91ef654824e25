import { runInForeground } from '../run-command.mjs';
import { pinnedEnvironment } from '../pinned-node.mjs';
import { workspaceRoot } from '../workspace.mjs';

class Interrupted extends Error {}

export const isInterrupted = (error) => error instanceof Interrupted;

/**
 * Runs one stage in view of the user and says how it went; a failure does not throw, an interruption does.
 * @returns {Promise<{ name: string, seconds: number, outcome: 'ok' | 'FAILED', code: number }>}
 */
export async function runStage({ name, command: [program, ...args], environment = {} }) {
  process.stdout.write(`\n=== ${name}\n`);
  const startedAt = Date.now();
  const code = await runInForeground(program, args, { cwd: workspaceRoot, env: pinnedEnvironment(environment) });
  if (code === 130) throw new Interrupted();
  return { name, seconds: (Date.now() - startedAt) / 1000, outcome: code === 0 ? 'ok' : 'FAILED', code };
}
