import { setTimeout as delay } from 'node:timers/promises';

import { SharedTimer, tickMs, type Timed } from './shared-timer.js';

describe('the timer that attempts share', () => {
  let timer: SharedTimer;
  let ended: string[];

  const limited = (name: string, overAt: number, then = (): void => undefined): Timed => {
    const timed = {
      overAt,
      timeUp: () => {
        ended.push(name);
        then();
      },
    };
    timer.watch(timed);
    return timed;
  };

  beforeEach(() => {
    timer = new SharedTimer();
    ended = [];
  });

  afterEach(() => {
    timer.tick(Infinity);
  });

  it('ends what is over, once, and nothing before its time', () => {
    limited('late', 300);
    limited('soon', 100);
    timer.tick(99);
    expect(ended).toEqual([]);
    timer.tick(100);
    timer.tick(101);
    expect(ended).toEqual(['soon']);
    timer.tick(10_000);
    expect(ended).toEqual(['soon', 'late']);
  });

  it('ends nothing that has ended by itself', () => {
    timer.forget(limited('done', 100));
    timer.tick(100);
    expect(ended).toEqual([]);
  });

  it('keeps a limit that was changed meanwhile, and one that is set while others end', () => {
    const one = { overAt: 100, timeUp: () => ended.push('one') };
    timer.watch(one);
    one.overAt = 200;
    limited('first', 100, () => limited('second', 150));
    timer.tick(120);
    expect(ended).toEqual(['first']);
    timer.tick(200);
    expect(ended.sort()).toEqual(['first', 'one', 'second']);
  });

  it('has no end that is too far away', () => {
    limited('in 34 years', 2 ** 40);
    limited('never', Infinity);
    timer.tick(2 ** 31);
    expect(ended).toEqual([]);
  });

  it('ticks while something can end, and no longer', () => {
    expect(timer.ticking).toBe(false);
    const timed = limited('a', 100);
    expect(timer.ticking).toBe(true);
    timer.forget(timed);
    timer.tick(0);
    expect(timer.ticking).toBe(false);
  });

  it('is late by one tick at most, on an idle machine', async () => {
    const lateMs: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      const { promise, resolve } = Promise.withResolvers<number>();
      const overAt = performance.now() + 30;
      limited('a', overAt, () => {
        resolve(performance.now());
      });
      await delay(1);
      lateMs.push((await promise) - overAt);
    }
    expect(Math.min(...lateMs)).toBeGreaterThanOrEqual(0);
    // Twice as much, and the best of several, for a machine that is not.
    expect(Math.min(...lateMs)).toBeLessThan(2 * tickMs);
  });
});
