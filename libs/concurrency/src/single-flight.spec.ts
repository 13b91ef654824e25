import { SingleFlight } from './single-flight.js';

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
