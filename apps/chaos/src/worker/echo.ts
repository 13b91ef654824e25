import { defineAgent, skill } from '@pulser/agent-runtime';
import { openAsAdministrator } from '@pulser/harness';

import { Outside } from '../outside/outside.js';
import { Effects } from './effects.js';
import { operations } from './operations.js';
import { WorkerEnv } from './worker.env.js';

const connections = 4;

let outside: Promise<Outside> | undefined;

// Opened by the first task that can: the outside may be down when the worker starts.
const open = async (): Promise<Outside> =>
  new Outside(await openAsAdministrator(WorkerEnv.read().CHAOS_OUTSIDE_URL, connections, 'chaos-outside'));

const opened = (): Promise<Outside> =>
  (outside ??= open().catch((error: unknown) => {
    outside = undefined;
    throw error;
  }));

// Threads are given no settings, so these operations run inline.
const testing = skill('testing', import.meta.url, operations(new Effects(opened)));

/** The agent of the chaos runs. */
export const echo = defineAgent({
  name: 'echo',
  skills: [testing],
  defaultPort: 8012,
});
