import { randomUUID } from 'node:crypto';

import { exchange, header, type DeadLetterReason } from '@pulser/contracts';

import type { Delivery, OutgoingMessage } from './broker.js';
import { wireSize } from './wire-size.policy.js';

// The headers of a message fit one frame of 16 KiB: more could never be published, and would block a consumer for ever.
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
    ...(detail === undefined ? {} : { [header.deadDetail]: detail.slice(0, maxDetailLength) }),
  },
  ...(delivery.messageId === undefined ? {} : { messageId: delivery.messageId }),
  ...(delivery.contentType === undefined ? {} : { contentType: delivery.contentType }),
  ...(delivery.priority === undefined ? {} : { priority: delivery.priority }),
});
