import { readFileSync } from 'node:fs';

import { jest } from '@jest/globals';

describe('a suite on the native runtime', () => {
  it('lives in the realm of Node: what Node throws is an Error here too', () => {
    expect(() => readFileSync('/none')).toThrow(Error);
    expect([structuredClone(new Error('x')), Buffer.from('x')]).toEqual([expect.any(Error), expect.any(Uint8Array)]);
  });

  it('sees the plain URL of its file, from which processes and threads can be started', () => {
    expect(import.meta.url).toMatch(/^file:.*\/test\/native\.spec\.ts$/);
  });

  it('fails with the line of its TypeScript source', () => {
    expect(new Error('here').stack).toMatch(/native\.spec\.ts:16:\d+/);
  });

  it('has fake timers', () => {
    jest.useFakeTimers();
    const done: number[] = [];
    setTimeout(() => done.push(1), 1_000);
    jest.advanceTimersByTime(1_000);
    jest.useRealTimers();
    expect(done).toEqual([1]);
  });
});
