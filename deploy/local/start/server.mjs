import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pinnedEnvironment, pinnedNode } from '../pinned-node.mjs';
import { workspaceRoot } from '../workspace.mjs';

export const serverFile = join(workspaceRoot, 'apps/embedded/dist/main.js');

/**
 * Ctrl-C at a terminal reaches this process twice: from the terminal, and from npm, which passes it on. What comes
 * within this many milliseconds is one wish; a second one, which ends the server at once, nobody types faster.
 */
const sameWishMs = 200;

/**
 * Runs the server to its end and resolves with its exit code. It has a process group of its own, so that only what is
 * passed on here reaches it. The channel tells it when this process is gone without a signal.
 */
export async function runServer() {
  const server = spawn(pinnedNode(), [serverFile], {
    cwd: workspaceRoot,
    env: pinnedEnvironment(),
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let wishedAt = -Infinity;
  const passOn = (signal) => {
    if (performance.now() - wishedAt > sameWishMs) server.kill(signal);
    wishedAt = performance.now();
  };
  process.on('SIGINT', passOn);
  process.on('SIGTERM', passOn);
  const [code] = await once(server, 'exit');
  return code ?? 1;
}
