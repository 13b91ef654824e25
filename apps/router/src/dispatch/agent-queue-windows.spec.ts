import { type Broker, LiveWorkers } from '@pulser/messaging';

import { AgentQueueWindows } from './agent-queue-window.js';

const brokerThat = (depth: (queue: string) => Promise<number>, state = 'up') => ({ state, depth }) as unknown as Broker;

describe('measuring the queues', () => {
  it('goes on for the others when the broker refuses one', async () => {
    const refusal = new Error('ACCESS_REFUSED');
    const broker = brokerThat((queue) => (queue === 'agent.greeter' ? Promise.reject(refusal) : Promise.resolve(7)));
    const windows = new AgentQueueWindows(broker, new LiveWorkers(), { WINDOW_S: 1, WINDOW_MAX: 100 } as never);
    for (const agent of ['dash', 'greeter']) windows.of(agent).backlog('high').markPossible();
    const { open, refusals } = await windows.measure();
    expect(open.map(({ agent }) => agent)).toEqual(['dash']);
    expect(refusals).toEqual([refusal]);
  });

  it('counts on top what the broker may not have had yet', async () => {
    const depth = Promise.withResolvers<number>();
    const windows = new AgentQueueWindows(
      brokerThat(() => depth.promise),
      new LiveWorkers(),
      { WINDOW_S: 1, WINDOW_MAX: 1_000 } as never,
    );
    const window = windows.of('dash');
    const room = window.room('low');
    window.sent('low', 10);
    window.settled(4);
    const measuring = windows.measure();
    window.settled(6);
    window.sent('low', 1);
    depth.resolve(4);
    await measuring;
    expect(window.room('low')).toBe(room - 4 - 6 - 1);
  });

  it('waits while the broker is away', async () => {
    const broker = brokerThat(() => Promise.reject(new Error('asked')), 'down');
    const windows = new AgentQueueWindows(broker, new LiveWorkers(), { WINDOW_S: 1, WINDOW_MAX: 100 } as never);
    windows.of('dash').backlog('high').markPossible();
    expect(await windows.measure()).toEqual({ open: [], refusals: [] });
  });
});
