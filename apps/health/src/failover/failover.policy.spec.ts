import type { AgentStatus } from '@pulser/contracts';

import { type Candidate, decide, type FailoverLimits, type FailoverMemory, untouched } from './failover.policy.js';

const limits: FailoverLimits = { coolDownMs: 60_000, stepMs: 30_000 };

const spare: Candidate = { agent: 'data_fabcon', status: 'healthy', workers: 1 };
const second: Candidate = { agent: 'maya', status: 'healthy', workers: 2 };

describe('a failover', () => {
  let memory: FailoverMemory;
  let second0: number;

  /** Seconds pass with this status each. @returns what holds after each of them */
  const pass = (seconds: number, status: AgentStatus, candidates: readonly Candidate[] = [spare]): FailoverMemory[] =>
    Array.from({ length: seconds }, () => {
      second0 += 1;
      return (memory = decide(memory, status, candidates, second0 * 1_000, limits));
    });

  const shareAfter = (seconds: number, status: AgentStatus, candidates?: readonly Candidate[]): number =>
    pass(seconds, status, candidates).at(-1)?.share ?? -1;

  beforeEach(() => {
    second0 = 0;
    memory = untouched(0, limits);
  });

  it('gives all new tasks to the first back-up that can take them', () => {
    const [now] = pass(1, 'unhealthy', [
      { ...spare, workers: 0 },
      { ...spare, agent: 'echo', status: 'unhealthy' },
      second,
    ]);
    expect(now).toMatchObject({ share: 0, standIn: 'maya' });
  });

  it('does not happen while an agent is degraded', () => {
    expect(pass(300, 'degraded').every(({ share }) => share === 100)).toBe(true);
  });

  it('has the tasks wait for whoever comes back first when nobody can take them', () => {
    expect(pass(5, 'unhealthy', []).at(-1)).toMatchObject({ share: 0, standIn: null });
    expect(pass(1, 'unhealthy').at(-1)).toMatchObject({ share: 0, standIn: 'data_fabcon' });
    expect(pass(1, 'unhealthy', [{ ...spare, workers: 0 }]).at(-1)).toMatchObject({ share: 0, standIn: null });
    expect(pass(1, 'healthy', []).at(-1)).toMatchObject({ share: 100, standIn: null });
  });

  it('goes on with another back-up when the stand-in fails, and stays with it', () => {
    pass(1, 'unhealthy', [spare, second]);
    expect(pass(1, 'unhealthy', [{ ...spare, status: 'unhealthy' }, second]).at(-1)?.standIn).toBe('maya');
    expect(pass(1, 'unhealthy', [spare, second]).at(-1)?.standIn).toBe('maya');
  });

  it('is undone step by step after a cool-down', () => {
    pass(10, 'unhealthy');
    const shares = pass(200, 'healthy').map(({ share }) => share);
    const steps = [0, 1, 10, 50, 100].map((share) => shares.indexOf(share));
    expect(steps).toEqual([0, 59, 89, 119, 149]);
    expect(memory).toMatchObject({ share: 100, standIn: null });
  });

  it('begins anew when the agent fails on the way back, with twice the patience', () => {
    pass(10, 'unhealthy');
    pass(70, 'healthy');
    expect(pass(1, 'unhealthy').at(-1)).toMatchObject({ share: 0, coolDownMs: 120_000 });
    expect(shareAfter(119, 'healthy')).toBe(0);
    expect(shareAfter(1, 'healthy')).toBe(1);
  });

  it('has its first patience again after a long calm', () => {
    pass(10, 'unhealthy');
    pass(1_000, 'healthy');
    expect(pass(1, 'unhealthy').at(-1)?.coolDownMs).toBe(60_000);
  });

  it('happens once in five minutes while an agent flaps every ten seconds', () => {
    const shares = Array.from({ length: 30 }, (_, turn) => pass(10, turn % 2 === 0 ? 'unhealthy' : 'healthy')).flat();
    const changes = shares.filter(({ share }, at) => share !== shares[at - 1]?.share);
    expect(changes.map(({ share }) => share)).toEqual([0]);
  });

  it('gives everything back when nobody is left to take the rest', () => {
    pass(1, 'unhealthy');
    expect(shareAfter(1, 'healthy', [{ ...spare, workers: 0 }])).toBe(100);
  });
});
