import { randomUUID } from 'node:crypto';

import { exchange, header, startOf, type DeadLetterReason } from '@pulser/contracts';

import type { Delivery, OutgoingMessage } from './broker.js';

/** Bytes of type and length in front of a value. */
const prefix = 5;

/**
 * Bytes of a value in the headers of a message, as its type's widest form on the wire: field-table of AMQP 0-9-1, 4.2.5.5.
 * @throws RangeError when it is nested so deeply that there is no stack to measure it with
 */
export const wireSize = (value: unknown): number => {
  if (typeof value === 'string') return prefix + Buffer.byteLength(value);
  if (typeof value !== 'object' || value === null) return 9;
  if (ArrayBuffer.isView(value)) return prefix + value.byteLength;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + wireSize(item), prefix);
  return Object.entries(value).reduce(
    (sum, [name, item]) => sum + 1 + Buffer.byteLength(name) + wireSize(item),
    prefix,
  );
};

// The headers of a message fit one frame of 16 KiB: a dead letter with more could never be published, and its consumer
// would be stuck with the message for ever.
const maxDetailLength = 1_000;
const maxHeaderBytes = 10_000;

const measured = (headers: Delivery['headers']): number => {
  try {
    return wireSize(headers);
  } catch {
    return Infinity;
  }
};

const carried = (headers: Delivery['headers']): Delivery['headers'] =>
  measured(headers) <= maxHeaderBytes ? headers : {};

/** The message as it came (very long headers stay behind), with the reason in its headers; its routing key is the queue it lay in. */
export const deadLetterOf = (
  delivery: Delivery,
  reason: DeadLetterReason,
  detail?: string,
  id: string = randomUUID(),
): OutgoingMessage => ({
  exchange: exchange.dead.name,
  routingKey: delivery.queue,
  body: delivery.body,
  mandatory: true,
  headers: {
    ...carried(delivery.headers),
    [header.deadReason]: reason,
    [header.deadRoutingKey]: delivery.routingKey,
    [header.deadId]: id,
    ...(detail === undefined ? {} : { [header.deadDetail]: startOf(detail, maxDetailLength) }),
  },
  ...(delivery.messageId === undefined ? {} : { messageId: delivery.messageId }),
  ...(delivery.contentType === undefined ? {} : { contentType: delivery.contentType }),
  ...(delivery.priority === undefined ? {} : { priority: delivery.priority }),
});
