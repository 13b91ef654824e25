import { setTimeout as delay } from 'node:timers/promises';

import { BriefCache } from './brief-cache.js';

describe('a brief cache', () => {
  const counting = () => {
    let calls = 0;
    return () => Promise.resolve((calls += 1));
  };

  it('looks up once for calls at the same time and soon after, and again when the time is over', async () => {
    const cache = new BriefCache<number>(1_000);
    const lookUp = counting();
    expect(await Promise.all([cache.get('a', lookUp), cache.get('a', lookUp)])).toEqual([1, 1]);
    expect(await cache.get('a', lookUp)).toBe(1);
    await delay(1_010);
    expect(await cache.get('a', lookUp)).toBe(2);
  });

  it('counts the time from before the look-up', async () => {
    const cache = new BriefCache<number>(50);
    await cache.get('a', () => delay(60, 1));
    expect(await cache.get('a', () => Promise.resolve(2))).toBe(2);
  });

  it('keeps no failure', async () => {
    const cache = new BriefCache<number>(1_000);
    await expect(cache.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await cache.get('a', () => Promise.resolve(2))).toBe(2);
  });

  it('looks up again what was to be forgotten, and all when it is full', async () => {
    const cache = new BriefCache<number>(1_000, 2);
    const lookUp = counting();
    await cache.get('a', lookUp);
    cache.forget('a');
    expect(await cache.get('a', lookUp)).toBe(2);
    await cache.get('b', lookUp);
    await cache.get('c', lookUp);
    expect(await cache.get('a', lookUp)).toBe(5);
  });
});
