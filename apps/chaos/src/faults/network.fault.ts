// Faults of the network between a process and one of its servers, by its TCP proxy.
import { setTimeout as wait } from 'node:timers/promises';

import type { Random } from '@pulser/harness';

import type { Member } from '../fleet/fleet.js';
import type { TcpProxy } from '../fleet/tcp-proxy.js';
import type { Fault } from './fault.js';

const holeMs = [300, 6_000] as const;
const slowMs = [20, 200] as const;
const slowForMs = [1_000, 4_000] as const;
const closeMs = [100, 2_000] as const;

const randomProxy = ({ service, toBroker, toDatabase }: Member, random: Random): { proxy: TcpProxy; detail: string } =>
  random.chance(0.5)
    ? { proxy: toBroker, detail: `${service.name} to the broker` }
    : { proxy: toDatabase, detail: `${service.name} to the database` };

const network = (name: Fault['name'], harm: (proxy: TcpProxy, random: Random) => Promise<void>): Fault => ({
  name,
  lane: 'light',
  inject: async ({ fleet }, random) => {
    const { proxy, detail } = randomProxy(fleet.any(random), random);
    const at = Date.now();
    await harm(proxy, random);
    return { at, over: Date.now(), detail };
  },
});

/** All connections of a process to one of its servers are reset. */
export const connectionReset = network('connection-reset', (proxy) => {
  proxy.reset();
  return Promise.resolve();
});

const hole = async (proxy: TcpProxy, random: Random, directions: Parameters<TcpProxy['hold']>[0]): Promise<void> => {
  proxy.hold(directions);
  await wait(random.between(...holeMs));
  // Either the cable is plugged in again, or a router on the way has forgotten the connections.
  if (random.chance(0.5)) proxy.reset();
  proxy.release();
};

/** Nothing arrives in either direction, without an error. */
export const blackHole = network('black-hole', (proxy, random) => hole(proxy, random, ['up', 'down']));

/** Nothing arrives in one direction. */
export const halfBlackHole = network('half-black-hole', (proxy, random) =>
  hole(proxy, random, [random.pick(['up', 'down'] as const)]),
);

/** Every chunk of bytes takes longer. */
export const latency = network('latency', async (proxy, random) => {
  proxy.delay(random.between(...slowMs));
  await wait(random.between(...slowForMs));
  proxy.delay(0);
});

/** The server's end is gone; the client learns of it late. */
export const slowClose = network('slow-close', (proxy, random) => proxy.closeSlowly(random.between(...closeMs)));
