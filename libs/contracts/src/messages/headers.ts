import { z } from 'zod';

/** Schema version of the messages this build writes. Readers accept it, the one before and the next. */
export const messageVersion = 1;

/** AMQP headers of every message. Names are lower case; values are strings unless said otherwise. */
export const header = {
  version: 'pulser-version',
  /** API key of the producer of a `task.submit`, as after `Authorization: Bearer`. */
  apiKey: 'pulser-api-key',
  /** Tenant for which the producer means to submit; refused when the key belongs to another. */
  tenant: 'pulser-tenant',
  /** W3C trace context. */
  traceparent: 'traceparent',
  /** Why a message is in `dead-letters`. */
  deadReason: 'pulser-dead-reason',
  deadDetail: 'pulser-dead-detail',
  /** Routing key that it came with: in `dead-letters` its routing key is the queue it was in. */
  deadRoutingKey: 'pulser-dead-routing-key',
  /** Random id of this rejection: a redelivery has the same. */
  deadId: 'pulser-dead-id',
} as const;

// Longer ones are not ours, and would only fill the authenticator's memory.
const maxKeyLength = 200;

export const SubmitHeaders = z.looseObject({
  [header.apiKey]: z
    .string()
    .max(maxKeyLength)
    .meta({ description: 'API key of the producer, as after `Authorization: Bearer`' }),
  [header.tenant]: z.uuid().optional().meta({
    description:
      'Tenant for which the producer means to submit; the message is refused when the key belongs to another',
  }),
  [header.traceparent]: z.string().optional().meta({ description: 'W3C trace context of the producer' }),
});
export type SubmitHeaders = z.infer<typeof SubmitHeaders>;
