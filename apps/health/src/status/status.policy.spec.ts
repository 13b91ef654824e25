import { type AgentSignals, judge, type Judgement, type StatusLimits, type StatusMemory } from './status.policy.js';

const limits: StatusLimits = {
  silentMs: 8_000,
  leaveMs: 60_000,
  canaryMs: 3_000,
  canarySlowMs: 1_000,
  lagMs: 2_000,
  memory: 0.9,
  slowness: 4,
  errors: 0.5,
  stalledMs: 60_000,
};

const well: AgentSignals = {
  agent: 'dash',
  instances: 2,
  silentMs: 300,
  leftMs: undefined,
  consumers: 2,
  canary: undefined,
  lag: undefined,
  memory: undefined,
  slowness: undefined,
  errors: undefined,
  progress: undefined,
};

describe('the status of an agent', () => {
  let memory: StatusMemory;
  let round: number;

  /** One second later. */
  const look = (signals: Partial<AgentSignals> = {}): Judgement => {
    round += 1;
    const judgement = judge(memory, { ...well, ...signals }, limits, round);
    memory = judgement.memory;
    return judgement;
  };

  const statuses = (...all: readonly Partial<AgentSignals>[]): string[] => all.map((signals) => look(signals).status);

  beforeEach(() => {
    memory = {};
    round = 0;
  });

  it('is healthy while nothing speaks against it, also when little is known', () => {
    expect(look()).toMatchObject({ status: 'healthy', reasons: [] });
    expect(look({ consumers: undefined }).status).toBe('healthy');
  });

  it('is unhealthy at once when no worker is heard of, and says for how long', () => {
    const gone = { instances: 0, consumers: undefined };
    expect(look({ ...gone, silentMs: 7_000 }).status).toBe('healthy');
    expect(look({ ...gone, silentMs: 8_000 })).toMatchObject({
      status: 'unhealthy',
      reasons: ['no worker was heard of for 8 s'],
    });
    expect(statuses({}, {})).toEqual(['unhealthy', 'healthy']);
  });

  it('is unhealthy when its workers are heard of but take no messages', () => {
    expect(statuses({ consumers: 0 }, { consumers: 0 })).toEqual(['healthy', 'unhealthy']);
    expect(look({ consumers: 0 }).reasons).toEqual(['no worker takes messages from its queue']);
  });

  it('does not change while a worker connects again', () => {
    expect(statuses({ consumers: 0 }, {}, { consumers: 0 }, {}, {})).not.toContain('unhealthy');
  });

  it('is unhealthy after one canary that is late, and healthy after two that came back', () => {
    const late = { value: 3_100, number: 1, isBack: false };
    expect(look({ canary: late }).reasons).toEqual(['a canary has been away for 3.1 s']);
    expect(look({ canary: { ...late, value: 9_000 } }).status).toBe('unhealthy');
    const back = (number: number) => ({ canary: { value: 20, number, isBack: true } });
    expect(statuses(back(2), back(2), back(2), back(3))).toEqual(['unhealthy', 'unhealthy', 'unhealthy', 'healthy']);
  });

  it('does not miss workers for a minute after a planned stop', () => {
    const left = { instances: 0, consumers: 0 };
    expect(look({ ...left, silentMs: 20_000, leftMs: 20_000 }).status).toBe('healthy');
    expect(look({ ...left, silentMs: 61_000, leftMs: 61_000 }).status).toBe('unhealthy');
  });

  it('misses them at once when others crash while one leaves', () => {
    const crashed = { instances: 1, consumers: 0, leftMs: 5_000 };
    expect(statuses(crashed, crashed)).toContain('unhealthy');
  });

  it.each([
    ['lag', 2_500, 'the event loop of a worker is up to 2.5 s late'],
    ['memory', 0.93, 'a worker holds 93 % of its memory'],
    ['slowness', 9.96, 'tasks run 10 times as long as usual'],
    ['errors', 0.6, '60 % of the last tasks failed'],
  ] as const)('is degraded by %s after three bad measurements, until two good ones', (name, value, reason) => {
    const bad = (number: number) => ({ [name]: { value, number } });
    const good = (number: number) => ({ [name]: { value: 0, number } });
    expect(statuses(bad(1), bad(2))).toEqual(['healthy', 'healthy']);
    expect(look(bad(3))).toMatchObject({ status: 'degraded', reasons: [reason] });
    expect(statuses(good(4), bad(5), good(6), good(7))).toEqual(['degraded', 'degraded', 'degraded', 'healthy']);
  });

  it('is degraded while its tasks hang in all of its slots and others wait', () => {
    const progress = { stuckForMs: [61_000, 61_000], waiting: 3, p99Ms: 100, timeLimitMs: 300_000 };
    expect(statuses({ progress }, { progress })).toEqual(['healthy', 'healthy']);
    const reasons = ['no task has ended for 61 s while all slots are taken, and 3 tasks wait'];
    expect(look({ progress })).toMatchObject({ status: 'degraded', reasons });
    const ends = { progress: { ...progress, stuckForMs: [1_000, 900] } };
    expect(statuses(ends, ends)).toEqual(['degraded', 'healthy']);
  });

  it('counts a measurement once, however often it is looked at', () => {
    const same = { slowness: { value: 20, number: 1 } };
    expect(statuses(same, same, same, same, same)).not.toContain('degraded');
  });

  it('counts bad measurements in a row only', () => {
    const lag = (value: number, number: number) => ({ lag: { value, number } });
    expect(statuses(...[9_000, 9_000, 0, 9_000, 9_000, 0].map(lag))).not.toContain('degraded');
  });

  it('is degraded when canaries are slow, before they are late', () => {
    const slow = (number: number) => ({ canary: { value: 1_500, number, isBack: true } });
    expect(statuses(slow(1), slow(2), slow(3))).toEqual(['healthy', 'healthy', 'degraded']);
    expect(look(slow(4)).reasons).toEqual(['canaries take 1.5 s']);
  });

  it('says short times in milliseconds', () => {
    const signals = (number: number) => ({ ...well, canary: { value: 39.6, number, isBack: true } });
    const strict = { ...limits, canarySlowMs: 10 };
    for (const number of [1, 2, 3]) memory = judge(memory, signals(number), strict, number).memory;
    expect(judge(memory, signals(4), strict, 4).reasons).toEqual(['canaries take 40 ms']);
  });

  it('names every reason, the gravest first', () => {
    for (const number of [1, 2, 3]) look({ lag: { value: 5_000, number } });
    look({ consumers: 0, lag: { value: 5_000, number: 4 } });
    expect(look({ consumers: 0, lag: { value: 5_000, number: 5 } })).toMatchObject({
      status: 'unhealthy',
      reasons: ['no worker takes messages from its queue', 'the event loop of a worker is up to 5 s late'],
    });
  });
});
