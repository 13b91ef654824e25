import { eventually } from '@pulser/testing';

import { HandlerThreadPool } from '../src/threads/handler-thread-pool.js';

const never = new AbortController().signal;

describe('a pool of threads at its bound', () => {
  let pool: HandlerThreadPool;

  beforeEach(() => {
    pool = new HandlerThreadPool({ maxThreads: 1, memoryMb: 64 });
  });

  afterEach(() => pool.close());

  it('gives its threads to those that wait in the order of their arrival, but to none that was aborted', async () => {
    const only = await pool.take(never);
    const served: string[] = [];
    const wait = async (name: string, signal: AbortSignal): Promise<void> => {
      const thread = await pool.take(signal);
      served.push(name);
      pool.giveBack(thread);
    };
    const leaving = new AbortController();
    const first = wait('first', never);
    const aborted = expect(wait('aborted', leaving.signal)).rejects.toThrow('gone');
    const last = wait('last', never);
    leaving.abort(new Error('gone'));
    await aborted;
    pool.giveBack(only);
    await Promise.all([first, last]);
    expect(served).toEqual(['first', 'last']);
    expect(await pool.take(never)).toBe(only);
  });

  it('gives a new thread to the one that waits when one has ended', async () => {
    const only = await pool.take(never);
    const waiting = pool.take(never);
    await only.end();
    expect(await waiting).not.toBe(only);
    expect(pool.size).toBe(1);
  });

  it('refuses an attempt that is aborted already instead of letting it wait', async () => {
    await pool.take(never);
    await expect(pool.take(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  });

  it('refuses all that wait when it is closed, and ends its threads', async () => {
    await pool.take(never);
    const refused = expect(pool.take(never)).rejects.toThrow('closed');
    await pool.close();
    await refused;
    await expect(pool.take(never)).rejects.toThrow('closed');
    await eventually(() => {
      expect(pool.size).toBe(0);
    });
  });
});
