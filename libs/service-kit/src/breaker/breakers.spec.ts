import { eventually } from '@pulser/testing';

import { Metrics } from '../metrics/metrics.js';
import { type BreakerState, Breaker, BreakerOpen } from './breaker.js';
import { Breakers } from './breakers.js';

class Away extends Error {}
class Refusal extends Error {}

const isFailure = (error: unknown): boolean => error instanceof Away;
const fail = (): Promise<never> => Promise.reject(new Away('no answer'));
const refuse = (): Promise<never> => Promise.reject(new Refusal('not allowed'));
const succeed = (): Promise<string> => Promise.resolve('answer');

describe('a circuit breaker', () => {
  let changes: BreakerState[];
  let breaker: Breaker;

  beforeEach(() => {
    changes = [];
    breaker = breakerOf(60_000);
  });

  const breakerOf = (openMs: number): Breaker => {
    const settings = { failures: 3, openMs, maxOpenMs: 2 * openMs };
    return new Breaker({ target: 'http', isFailure, onChange: (state) => changes.push(state), settings });
  };

  const failTimes = async (times: number): Promise<void> => {
    for (let n = 0; n < times; n += 1) await expect(breaker.run(fail)).rejects.toThrow(Away);
  };

  it('opens after failures one after the other, and then asks nothing', async () => {
    await failTimes(2);
    expect(await breaker.run(succeed)).toBe('answer');
    await failTimes(3);
    let asked = 0;
    const refused = breaker.run(() => {
      asked += 1;
      return succeed();
    });
    await expect(refused).rejects.toThrow(BreakerOpen);
    await expect(refused).rejects.toMatchObject({ target: 'http', cause: expect.any(Away) as Error });
    expect([asked, changes]).toEqual([0, ['open']]);
  });

  it('does not open because requests are refused: the other side works', async () => {
    for (let n = 0; n < 10; n += 1) await expect(breaker.run(refuse)).rejects.toThrow(Refusal);
    await failTimes(2);
    await expect(breaker.run(refuse)).rejects.toThrow(Refusal);
    await failTimes(2);
    expect(breaker.state).toBe('closed');
  });

  it('lets one call through after a while, the others wait for nothing, and closes when that one succeeds', async () => {
    breaker = breakerOf(40);
    await failTimes(3);
    const answer = Promise.withResolvers<string>();
    let tried: Promise<string> | undefined;
    await eventually(async () => {
      const trying = breaker.run(() => answer.promise);
      if (breaker.state === 'half_open') tried ??= trying;
      else await trying;
    });
    await expect(breaker.run(succeed)).rejects.toThrow(BreakerOpen);
    answer.resolve('late answer');
    expect(await tried).toBe('late answer');
    expect(await breaker.run(succeed)).toBe('answer');
    expect(changes).toEqual(['open', 'half_open', 'closed']);
  });

  it('stays open for longer when that one fails', async () => {
    breaker = breakerOf(40);
    await failTimes(3);
    await eventually(() => expect(breaker.run(fail)).rejects.toThrow(Away));
    const since = performance.now();
    await eventually(() => expect(breaker.run(succeed)).resolves.toBe('answer'), { everyMs: 5 });
    expect(performance.now() - since).toBeGreaterThanOrEqual(75);
  });
});

describe('the breakers of a service', () => {
  it('are one for each host, and one number for each kind: the worst', async () => {
    const metrics = new Metrics();
    const lines: string[] = [];
    const log = (_: unknown, text: string): void => void lines.push(text);
    const breakers = new Breakers({ warn: log, info: log } as never, metrics);
    const [one, other] = ['https://a.dev', 'https://b.dev'].map((member) => breakers.of('http', { member, isFailure }));
    expect(breakers.of('http', { member: 'https://a.dev', isFailure })).toBe(one);
    expect(await metrics.text()).toContain('pulser_breaker_state{target="http"} 0');
    for (let n = 0; n < 5; n += 1) await expect(one?.run(fail)).rejects.toThrow(Away);
    await expect(one?.run(succeed)).rejects.toThrow(BreakerOpen);
    expect(await other?.run(succeed)).toBe('answer');
    const stateOf = (end: string) => breakers.worstOf('http', (member) => member.endsWith(end));
    expect([stateOf('dev'), stateOf('b.dev'), stateOf('c.dev')]).toEqual(['open', 'closed', 'closed']);
    const text = await metrics.text();
    expect(text).toContain('pulser_breaker_state{target="http"} 2');
    expect(text).not.toContain('a.dev');
    expect(lines).toEqual(['a circuit breaker has opened']);
  });
});
