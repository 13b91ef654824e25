import { eventually } from '@pulser/testing';
import { connect } from 'amqplib';

import { AmqpProxy } from './amqp-proxy.js';
import { acking, inbox } from './inbox.js';
import { rabbitWorld, type RabbitClient } from './rabbit-world.js';

/** Nested arrays take the fewest bytes a level: five. */
const nested = (levels: number): unknown => {
  let value: unknown = [];
  for (let level = 1; level < levels; level++) value = [value];
  return value;
};

describe('a message with deeply nested headers', () => {
  const world = rabbitWorld();
  // The broker keeps a connection that it closed for this reason open for some seconds; the proxy does not.
  const proxy = new AmqpProxy();
  let client: RabbitClient;
  let texts: string[];

  beforeAll(async () => {
    await proxy.listen();
    client = world.client();
    await client.broker.connect();
    ({ texts } = await inbox(client.broker, { queue: 'agent.dash' }, acking));
  });

  afterAll(async () => {
    await world.remove();
    await proxy.stop();
  });

  /** @returns the reason for which the broker closed the connection of whoever sent it, if it did */
  const send = async (text: string, levels: number, filler = ''): Promise<string | undefined> => {
    // The type of headers has no arrays.
    const headers = { deep: nested(levels), filler } as Record<string, string>;
    const connection = await connect(proxy.url);
    let refusal: string | undefined;
    connection.on('error', (error: Error) => (refusal = error.message));
    const closed = new Promise((resolve) => connection.once('close', resolve));
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => undefined);
    channel.publish(world.named('pulser.agents'), 'dash', Buffer.from(text), { headers, deliveryMode: 2 });
    await Promise.race([channel.waitForConfirms().catch(() => undefined), closed]);
    await connection.close().catch(() => undefined);
    return refusal;
  };

  it('that fit a frame of the broker is handled', async () => {
    expect(await send('as deep as a frame allows', 2_000, 'x'.repeat(5_000))).toBeUndefined();
    await eventually(() => {
      expect(texts).toContain('as deep as a frame allows');
    });
  });

  it('beyond a frame costs only its sender the connection: readers never see what could end theirs', async () => {
    expect(await send('too deep', 2_000, 'x'.repeat(10_000))).toMatch(/501/);
    expect(await send('after it', 1)).toBeUndefined();

    await eventually(() => {
      expect(texts).toContain('after it');
    });
    expect(texts).not.toContain('too deep');
    expect(client.metrics.states).toEqual(['down', 'up']);
  });
});
