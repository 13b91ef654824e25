// Faults of the database: it dies, restarts, has a full disk, or its sessions are ended.
import { setTimeout as wait } from 'node:timers/promises';

import type { Fault } from './fault.js';

const pauseMs = [0, 2_000] as const;
const fullMs = [1_000, 4_000] as const;
const maxSessions = 30;

const unreachable = /database|ECONN|terminat|connection/i;

/** kill -9 of every process of the database. */
export const databaseKill: Fault = {
  name: 'database-kill',
  lane: 'server',
  inject: async ({ servers }, random) => {
    const at = Date.now();
    await servers.postgres('kill');
    await wait(random.between(...pauseMs));
    await servers.postgres('start');
    return { at, over: Date.now(), signs: unreachable };
  },
};

/** The database is stopped properly and started again. */
export const databaseRestart: Fault = {
  name: 'database-restart',
  lane: 'server',
  inject: async ({ servers }, random) => {
    const at = Date.now();
    await servers.postgres('stop');
    await wait(random.between(...pauseMs));
    await servers.postgres('start');
    return { at, over: Date.now(), signs: unreachable };
  },
};

/** No byte is free on the database's disk for a while. If the server has given up, it is started again. */
export const diskFull: Fault = {
  name: 'database-disk-full',
  lane: 'server',
  inject: async ({ servers }, random) => {
    const at = Date.now();
    await servers.postgres('fill');
    await wait(random.between(...fullMs));
    await servers.postgres('free');
    await servers.postgres('start');
    return { at, over: Date.now(), signs: /No space left|could not extend|database|connection/i };
  },
};

/** An administrator ends sessions of Pulser. */
export const backendsTerminated: Fault = {
  name: 'backends-terminated',
  lane: 'light',
  inject: async ({ rows }, random) => {
    const at = Date.now();
    const ended = await rows.terminateBackends(random.whole(1, maxSessions));
    return { at, over: Date.now(), signs: unreachable, detail: `${ended} sessions` };
  },
};
