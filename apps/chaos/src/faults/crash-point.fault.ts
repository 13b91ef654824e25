// The fault of a crash point: one process is restarted with a point armed and kills itself there.
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import type { Random } from '@pulser/harness';

import { allCrashPlaces, type CrashPlace, type CrashPoint, crashPointText, crashSteps } from '../crash/crash-points.js';
import { leaseS, type Member } from '../fleet/fleet.js';
import { ownTaskType } from '../worker/outside.js';
import type { Fault, Injection, World } from './fault.js';

const patienceMs = 12_000;

/** Steps that a process takes only after another event: what makes it happen. */
const provoke: Partial<Record<CrashPoint['step'], (world: World, member: Member, random: Random) => Promise<void>>> = {
  'take-over': async ({ fleet }, member) => {
    const others = fleet.of('worker').filter((one) => one !== member);
    for (const { service } of others) {
      service.ask('SIGKILL');
      await wait(3_000);
    }
  },
  rescue: async ({ fleet }, _, random) => {
    const { service } = random.pick(fleet.of('worker'));
    service.freeze();
    await wait((leaseS + 3) * 1_000);
    service.thaw();
  },
  release: async ({ load }, { service }) => {
    const long = (ref: string) => ({
      ref,
      expect: 'effect' as const,
      body: {
        task_type: ownTaskType,
        priority: 'high' as const,
        payload: { operation: 'slow', ref, seconds: 8 },
      },
    });
    await Promise.all(Array.from({ length: 9 }, () => load.extra(long)));
    await wait(1_000);
    service.ask('SIGTERM');
  },
};

const deathsIn = (diary: string): number =>
  existsSync(diary) ? readFileSync(diary, 'utf8').split('\n').length - 1 : 0;

const untilDeath = async ({ diary }: World, before: number): Promise<boolean> => {
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    if (deathsIn(diary) > before) return true;
    await wait(20);
  }
  return false;
};

const die = async (world: World, member: Member, point: CrashPoint, random: Random): Promise<Injection> => {
  const { service } = member;
  const detail = `${crashPointText(point)} in ${service.name}`;
  await service.end('SIGTERM');
  const before = deathsIn(world.diary);
  service.start({ CHAOS_CRASH_AT: crashPointText(point), CHAOS_CRASH_DIARY: world.diary });
  const { pid } = service;
  await service.ready();
  const provoked = provoke[point.step]?.(world, member, random);
  const died = await untilDeath(world, before);
  const at = Date.now();
  await provoked;
  if (!died) {
    await service.end('SIGTERM');
    service.start();
  }
  await service.ready();
  if (!died) return { at, over: at, detail, unavailable: `the process never came to ${detail}` };
  return { at, over: at, detail, ...(service.kind === 'worker' && { workerPid: pid }) };
};

/** A process kills itself at a durable step: at the next place of a shuffled list; a place that it never reached is tried again. */
export class CrashPoints implements Fault {
  readonly name = 'crash-point';
  readonly lane = 'crash';
  private left: CrashPlace[] = [];

  async inject(world: World, random: Random): Promise<Injection> {
    if (this.left.length === 0) this.left = random.shuffled(allCrashPlaces);
    const place = this.left.shift();
    if (place === undefined) throw new RangeError('There are no crash points');
    const { point, kind } = place;
    const times = random.whole(1, crashSteps[point.step].most);
    const done = await world.fleet.borrow([kind], random, (member) => die(world, member, { ...point, times }, random));
    if (done.unavailable !== undefined) this.left.push(place);
    return done;
  }
}
