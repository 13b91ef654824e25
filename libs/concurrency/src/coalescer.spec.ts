import { Coalescer, SingleFlight } from './coalescer.js';

const doubling = (flushes: number[][], sharedFailure = () => false): Coalescer<number, number> =>
  new Coalescer({
    flush: (items) => {
      flushes.push(items);
      return items.includes(13) ? Promise.reject(new Error('unlucky')) : Promise.resolve(items.map((n) => n * 2));
    },
    sharedFailure,
  });

describe('a coalescer', () => {
  it('answers each call with its own answer', async () => {
    const coalescer = doubling([]);
    expect(await Promise.all([1, 2, 3].map((n) => coalescer.add(n)))).toEqual([2, 4, 6]);
  });

  it('flushes calls of the same moment together, and those that come meanwhile in the next', async () => {
    const flushes: number[][] = [];
    const coalescer = doubling(flushes);
    const first = [1, 2].map((n) => coalescer.add(n));
    await Promise.resolve();
    const second = [3, 4].map((n) => coalescer.add(n));
    await Promise.all([...first, ...second]);
    expect(flushes).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(coalescer.idle).toBe(true);
  });

  it('that pauses between flushes gathers what comes meanwhile, however quick the flush', async () => {
    const flushes: number[][] = [];
    const flush = (items: number[]): Promise<number[]> => {
      flushes.push(items);
      return Promise.resolve(items);
    };
    const coalescer = new Coalescer({ flush, pauseMs: 20, sharedFailure: () => false });
    await coalescer.add(1);
    await Promise.all([coalescer.add(2), Promise.resolve().then(() => coalescer.add(3))]);
    expect(flushes).toEqual([[1], [2, 3]]);
  });

  it('fails only the item that is to blame', async () => {
    const coalescer = doubling([]);
    const answers = await Promise.allSettled([1, 13, 3, 4, 5].map((n) => coalescer.add(n)));
    expect(answers.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
  });

  it('fails the whole batch at once when the failure is shared', async () => {
    const flushes: number[][] = [];
    const coalescer = doubling(flushes, () => true);
    const answers = await Promise.allSettled([1, 13, 3].map((n) => coalescer.add(n)));
    expect(answers.every(({ status }) => status === 'rejected')).toBe(true);
    expect(flushes).toHaveLength(1);
  });
});

describe('a single flight', () => {
  it('asks once for all that come meanwhile, and again for those that come later', async () => {
    const flights = new SingleFlight<string, number>();
    let calls = 0;
    const call = (): Promise<number> => Promise.resolve(++calls);
    expect(await Promise.all([flights.run('a', call), flights.run('a', call)])).toEqual([1, 1]);
    expect(await flights.run('a', call)).toBe(2);
  });

  it('keeps keys apart, and forgets a failure', async () => {
    const flights = new SingleFlight<string, number>();
    await expect(flights.run('a', () => Promise.reject(new Error('once')))).rejects.toThrow('once');
    expect(
      await Promise.all([flights.run('a', () => Promise.resolve(1)), flights.run('b', () => Promise.resolve(2))]),
    ).toEqual([1, 2]);
  });
});
