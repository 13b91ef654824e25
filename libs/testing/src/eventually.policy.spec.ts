import { eventually } from './eventually.js';

const failingTimes = (times: number) => {
  let calls = 0;
  return () => {
    calls += 1;
    if (calls <= times) throw new Error(`call ${calls}`);
    return calls;
  };
};

describe('eventually', () => {
  it('resolves with what the assertion returns as soon as it no longer throws', async () => {
    await expect(eventually(failingTimes(3), { everyMs: 1 })).resolves.toBe(4);
  });

  it('retries an assertion that rejects', async () => {
    const assertion = failingTimes(1);
    await expect(eventually(() => Promise.resolve().then(assertion), { everyMs: 1 })).resolves.toBe(2);
  });

  it('throws the last error when the time is up', async () => {
    await expect(eventually(failingTimes(Infinity), { timeoutMs: 20, everyMs: 1 })).rejects.toThrow(/^call \d+$/);
  });
});
