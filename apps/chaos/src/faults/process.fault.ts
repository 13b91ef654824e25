// Faults of Pulser's own processes: they are killed, stand still, lose their clock or are rolled out anew.
import { globSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import { leaseS, type ServiceKind } from '../fleet/fleet.js';
import type { Order } from '../load/orders.js';
import { ownTaskType } from '../worker/outside.js';
import type { Fault, World } from './fault.js';

const downMs = [0, 2_000] as const;

/** kill -9 of one process, which is started again after a while. */
export const kill = (kind: ServiceKind): Fault => ({
  name: `kill-${kind}`,
  lane: 'process',
  inject: ({ fleet }, random) =>
    fleet.borrow([kind], random, async ({ service }) => {
      const { pid } = service;
      const at = Date.now();
      await service.end('SIGKILL');
      const over = Date.now();
      await wait(random.between(...downMs));
      service.start();
      await service.ready();
      return { at, over, ...(kind === 'worker' && { workerPid: pid }) };
    }),
});

const gapMs = [0, 600] as const;

/** kill -9 of every process at once; they are started again in any order. */
export const killAll: Fault = {
  name: 'kill-all',
  lane: 'alone',
  inject: async ({ fleet }, random) => {
    const at = Date.now();
    await Promise.all(fleet.members.map(({ service }) => service.end('SIGKILL')));
    for (const { service } of random.shuffled(fleet.members)) {
      service.start();
      await wait(random.between(...gapMs));
    }
    await Promise.all(fleet.members.map(({ service }) => service.ready()));
    return { at, over: Date.now() };
  },
};

/** The roll-out of a new version: SIGTERM, one process after the other. Clients see closed ports, but no answer of 500 or more. */
export const rollingRestart: Fault = {
  name: 'rolling-restart',
  lane: 'alone',
  inject: async ({ fleet, http }) => {
    const at = Date.now();
    const broken: string[] = [];
    for (const { service } of fleet.members) {
      const code = await service.end('SIGTERM');
      if (code !== 0) broken.push(`${service.name} ended with ${code ?? 'a signal'} after SIGTERM`);
      service.start();
      await service.ready();
    }
    const errors = http.serverErrors.filter((error) => error.at >= at);
    broken.push(...errors.map(({ gateway, status, body }) => `${gateway} answered ${status}: ${body}`));
    return { at, over: Date.now(), broken };
  },
};

const stopped = (
  name: Fault['name'],
  kind: ServiceKind,
  lane: Fault['lane'],
  [fromMs, toMs]: readonly [number, number],
): Fault => ({
  name,
  lane,
  inject: ({ fleet }, random) =>
    fleet.borrow([kind], random, async ({ service }) => {
      const { pid } = service;
      const at = Date.now();
      service.freeze();
      await wait(random.between(fromMs, toMs));
      service.thaw();
      return { at, over: Date.now(), ...(kind === 'worker' && { workerPid: pid }) };
    }),
});

/** SIGSTOP for less than a second. */
export const blink = (kind: Exclude<ServiceKind, 'agent'>): Fault => stopped(`blink-${kind}`, kind, 'light', [50, 900]);

/** SIGSTOP for longer than a lease: the process continues later, with outdated claims. */
export const freeze = (kind: ServiceKind): Fault =>
  stopped(`freeze-${kind}`, kind, 'process', [(leaseS + 2) * 1_000, (leaseS + 5) * 1_000]);

const blockedS = 25;
const beginPatienceMs = 10_000;

const blocking = (ref: string): Omit<Order, 'keyed'> => ({
  ref,
  expect: 'effect',
  body: { task_type: ownTaskType, priority: 'high', payload: { operation: 'block', ref, seconds: blockedS } },
});

const begunBy = async ({ rows }: World, ref: string): Promise<number | undefined> => {
  const deadline = Date.now() + beginPatienceMs;
  while (Date.now() < deadline) {
    const pid = await rows.begunBy(ref).catch(() => undefined);
    if (pid !== undefined) return pid;
    await wait(50);
  }
  return undefined;
};

/** A task that blocks its worker's event loop for longer than its lease and the broker's heartbeat. */
export const blockedEventLoop: Fault = {
  name: 'blocked-event-loop',
  lane: 'process',
  inject: async (world) => {
    const ref = await world.load.extra(blocking);
    const pid = await begunBy(world, ref);
    const at = Date.now();
    await wait(blockedS * 1_000);
    return { at, over: Date.now(), workerPid: pid };
  },
};

const clockKinds: readonly ServiceKind[] = ['gateway', 'router', 'worker', 'conductor'];
const wrongMs = [5_000, 8_000] as const;

const faketimeLibrary = (): string | undefined => globSync('/usr/lib/*/faketime/libfaketime.so.1')[0];

/** The clock of one process is an hour ahead or behind. */
export const clockAnHourOff: Fault = {
  name: 'clock-an-hour-off',
  lane: 'process',
  inject: ({ fleet }, random) =>
    fleet.borrow(clockKinds, random, async ({ service }) => {
      const faketime = faketimeLibrary();
      const at = Date.now();
      if (faketime === undefined)
        return { at, over: at, unavailable: 'libfaketime is not installed (Debian: faketime)' };
      const offset = random.pick(['+1h', '-1h']);
      await service.end('SIGTERM');
      // Node's timers run on the monotonic clock, which no machine sets back.
      service.start({
        LD_PRELOAD: faketime,
        FAKETIME: offset,
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        DONT_FAKE_MONOTONIC: '1',
      });
      await service.ready();
      await wait(random.between(...wrongMs));
      await service.end('SIGTERM');
      const over = Date.now();
      service.start();
      await service.ready();
      return { at, over, detail: `${service.name} ${offset}` };
    }),
};
