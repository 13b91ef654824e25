import { AgentName, queue } from '@pulser/contracts';
import { InProcessBroker, LiveWorkers } from '@pulser/messaging';

import { AgentFacts } from './agent-facts.js';

const dash = AgentName.parse('dash');

describe('the consumers of an agent', () => {
  const core = new InProcessBroker();
  const health = core.client();
  const worker = core.client();
  const facts = new AgentFacts(health, new LiveWorkers());
  /** @param afterMs from now */
  const consumers = async (afterMs = 0): Promise<number | undefined> => {
    const watched = { agent: dash, taskType: 'analytics', backups: [], memoryMb: undefined, timeLimitMs: 60_000 };
    return (await facts.of([watched], performance.now() + afterMs)).get(dash)?.consumers;
  };
  const listens = () => worker.consume({ queue: queue.agent(dash), prefetch: 1, bindings: [] }, () => undefined);

  beforeAll(async () => {
    await Promise.all([health.connect(), worker.connect()]);
    facts.onModuleInit();
  });

  afterAll(() => Promise.all([health.close(), worker.close()]));

  it('are not missed before workers had time to connect', async () => {
    expect(await consumers()).toBeUndefined();
    expect(await consumers(10_000)).toBe(0);
  });

  it('are missed at once where there were some', async () => {
    const one = await listens();
    expect(await consumers()).toBe(1);
    await one.drain(0);
    expect(await consumers()).toBe(0);
  });

  it('are not missed at once when the broker was away', async () => {
    await health.close();
    expect(await consumers(10_000)).toBeUndefined();
    await health.connect();
    expect(await consumers()).toBeUndefined();
    expect(await consumers(10_000)).toBe(0);
  });
});
