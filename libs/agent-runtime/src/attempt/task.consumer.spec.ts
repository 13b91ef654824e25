import { setImmediate as turn } from 'node:timers/promises';

import { AgentEnv } from '../agent/agent.env.js';
import { Slots } from './task.consumer.js';

const env = AgentEnv.read({ DATABASE_URL: 'postgres://a@b/c', AMQP_URL: 'amqp://a', CONCURRENCY: '2' });

describe('slots', () => {
  it('are used by no more than their number at once, in order of arrival', async () => {
    const slots = new Slots(env);
    const started: number[] = [];
    const ends = [0, 1, 2, 3].map(() => Promise.withResolvers<undefined>());
    const works = ends.map(({ promise }, index) =>
      slots.use(() => {
        started.push(index);
        return promise;
      }),
    );
    await turn();
    expect([started, slots.taken]).toEqual([[0, 1], 2]);
    ends[1]?.reject(new Error('It failed'));
    await expect(works[1]).rejects.toThrow('It failed');
    await turn();
    expect([started, slots.taken]).toEqual([[0, 1, 2], 2]);
    for (const { resolve } of ends) resolve(undefined);
    await Promise.allSettled(works);
    expect([started, slots.taken]).toEqual([[0, 1, 2, 3], 0]);
  });
});
