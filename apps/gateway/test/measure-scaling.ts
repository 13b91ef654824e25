import type { AgentScaling } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import type { Client } from './client.js';
import type { GatewayUnderTest } from './gateway-under-test.js';

/** What a router has measured of the agent dash. */
export const scalingOfDash: AgentScaling = {
  agent: 'dash',
  desired_workers: 3,
  desired_slots: 12,
  workers: 2,
  slots: 8,
  busy: 8,
  waiting: 250,
  oldest_wait_s: 15.5,
  objective_s: 10,
};

/** Publishes it as a router does, and waits until the gateway has heard of it. */
export const measureScaling = async ({ broker }: GatewayUnderTest, operator: Client): Promise<void> => {
  await eventually(async () => {
    await broker.use(async (channel) => {
      channel.publish(broker.named('pulser.events'), 'scaling.measured', Buffer.from(JSON.stringify([scalingOfDash])));
      await channel.waitForConfirms();
    });
    expect((await operator.get('/api/v1/scaling/dash')).status).toBe(200);
  });
};
