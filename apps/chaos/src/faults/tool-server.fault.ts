// The fault of an MCP server, which its coordinator has started and starts again.
import { setTimeout as wait } from 'node:timers/promises';

import type { EffectServers, StartedServer } from '@pulser/testing/tool-calls';

import type { Fault } from './fault.js';

const patienceMs = 10_000;

/** Resolves when the coordinator has started it again, or after a bounded time: the coordinator may be gone. */
const untilAgain = async (servers: EffectServers, { server, coordinator, pid }: StartedServer): Promise<void> => {
  const deadline = Date.now() + patienceMs;
  const isAgain = (one: StartedServer): boolean =>
    one.server === server && one.coordinator === coordinator && one.pid !== pid;
  while (Date.now() < deadline && !servers.running().some(isAgain)) await wait(50);
};

/** kill -9 of one MCP server of one coordinator. */
export const killToolServer: Fault = {
  name: 'kill-tool-server',
  lane: 'process',
  inject: async ({ toolServers }, random) => {
    const running = toolServers?.running() ?? [];
    if (toolServers === undefined || running.length === 0) throw new Error('no MCP server runs');
    const victim = random.pick(running);
    const at = Date.now();
    process.kill(victim.pid, 'SIGKILL');
    const over = Date.now();
    await untilAgain(toolServers, victim);
    return { at, over, detail: `${victim.server} of the process ${victim.coordinator}` };
  },
};
