// usage: node deploy/local/proof.mjs docker | kubernetes
// Starts a real backend of an MCP server, runs that server's `*.proof.ts` against it, and stops it. Where the backend cannot
// run, it prints SKIPPED and why, and proves nothing.
import { jestCommand } from './jest-command.mjs';
import { pinnedEnvironment } from './pinned-node.mjs';
import { say } from './progress.mjs';
import { CannotProve } from './proof/cannot-prove.mjs';
import { startDocker } from './proof/docker-engine.mjs';
import { startKubernetes } from './proof/kubernetes-api.mjs';
import { runInForeground } from './run-command.mjs';
import { workspaceRoot } from './workspace.mjs';

const backends = { docker: startDocker, kubernetes: startKubernetes };

async function prove(name) {
  if (!Object.hasOwn(backends, name)) throw new Error('usage: node deploy/local/proof.mjs docker | kubernetes');
  const { variables, stop } = await backends[name]();
  try {
    const jest = jestCommand([`apps/mcp/${name}`], ['--testMatch=**/*.proof.ts', '--maxWorkers=1']);
    const [node, ...command] = jest;
    return await runInForeground(node, command, { cwd: workspaceRoot, env: { ...pinnedEnvironment(), ...variables } });
  } finally {
    await stop();
  }
}

try {
  process.exitCode = await prove(process.argv[2]);
} catch (error) {
  say(error instanceof CannotProve ? `SKIPPED: ${error.message}` : error.message);
  process.exitCode = error instanceof CannotProve ? 0 : 1;
}
