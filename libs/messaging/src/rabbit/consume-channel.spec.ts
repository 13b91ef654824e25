import { jest } from '@jest/globals';
import type { Channel, Message } from 'amqplib';

import { AckBatch } from './consume-channel.js';

const delivery = (deliveryTag: number): Message => ({ fields: { deliveryTag } }) as Message;

/** The frames that a channel was asked to send: a tag, and whether it stands for all before it. */
const batchWith = (prefetch: number): { batch: AckBatch; frames: [number, boolean][] } => {
  const frames: [number, boolean][] = [];
  const ack = ({ fields }: Message, allUpTo = false): void => {
    frames.push([fields.deliveryTag, allUpTo]);
  };
  return { batch: new AckBatch({ ack } as unknown as Channel, prefetch), frames };
};

describe('acknowledgements', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('are delayed to be batched while the broker may send more', () => {
    const { batch, frames } = batchWith(100);
    for (const tag of [1, 2, 3]) {
      batch.hold(delivery(tag));
      batch.ack(delivery(tag));
      jest.advanceTimersByTime(3);
    }
    expect(frames).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(frames).toEqual([[3, true]]);
  });

  it('go out in the same turn once half of the prefetch is used', () => {
    const { batch, frames } = batchWith(4);
    for (const tag of [1, 2]) batch.hold(delivery(tag));
    batch.ack(delivery(1));
    jest.advanceTimersByTime(0);
    expect(frames).toEqual([[1, true]]);
  });

  it('do not stand for a delivery before them that is unsettled', () => {
    const { batch, frames } = batchWith(6);
    for (const tag of [1, 2, 3]) batch.hold(delivery(tag));
    batch.ack(delivery(1));
    batch.ack(delivery(3));
    jest.advanceTimersByTime(0);
    expect(frames).toEqual([
      [3, false],
      [1, true],
    ]);
  });
});
