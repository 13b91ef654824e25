import type { Broker } from '@pulser/messaging';

import { AgentQueueWindows } from './agent-queue-window.js';

const brokerThat = (depth: (queue: string) => Promise<number>, state = 'up') => ({ state, depth }) as unknown as Broker;

describe('measuring the queues', () => {
  it('goes on for the others when the broker refuses one', async () => {
    const refusal = new Error('ACCESS_REFUSED');
    const broker = brokerThat((queue) => (queue === 'agent.greeter' ? Promise.reject(refusal) : Promise.resolve(7)));
    const windows = new AgentQueueWindows(broker, { WINDOW_S: 1, WINDOW_MAX: 100 } as never);
    for (const agent of ['dash', 'greeter']) windows.of(agent).backlog('high').markPossible();
    const { measured, refusals } = await windows.measure();
    expect(measured.map(({ agent }) => agent)).toEqual(['dash']);
    expect(refusals).toEqual([refusal]);
  });

  it('waits while the broker is away', async () => {
    const broker = brokerThat(() => Promise.reject(new Error('asked')), 'down');
    const windows = new AgentQueueWindows(broker, { WINDOW_S: 1, WINDOW_MAX: 100 } as never);
    windows.of('dash').backlog('high').markPossible();
    expect(await windows.measure()).toEqual({ measured: [], refusals: [] });
  });
});
