// Signed requests, those that are sent and those that come: Standard Webhooks, https://github.com/standard-webhooks/standard-webhooks
import { createHmac, timingSafeEqual } from 'node:crypto';

import type { Notice } from '@pulser/contracts';

/** What goes into a request. */
export interface WebhookOrder {
  /** The same for every repeat. */
  readonly id: string;
  /** Whole seconds since 1970: of this attempt, so that a receiver can refuse old ones. */
  readonly timestampS: number;
  readonly body: string | Buffer;
  /** Two lines while it is replaced: the new one, then the old one. */
  readonly secret: string;
}

const prefix = 'whsec_';

// A key of the standard is base64 behind its prefix; any other text is taken as it is.
const keyOf = (secret: string): Buffer =>
  secret.startsWith(prefix) ? Buffer.from(secret.slice(prefix.length), 'base64') : Buffer.from(secret, 'utf8');

/** Secrets of an order at most: the new one and the old one. */
const maxSecrets = 2;

const signaturesOf = ({ id, timestampS, body, secret }: WebhookOrder): string[] =>
  secret
    .split('\n', maxSecrets)
    .map((one) => createHmac('sha256', keyOf(one)).update(`${id}.${timestampS}.`).update(body).digest('base64'))
    .map((signature) => `v1,${signature}`);

/** The header `webhook-signature`: HMAC-SHA256 of `id.timestamp.body`, in base64, behind the version, for each secret. */
export const webhookSignature = (order: WebhookOrder): string => signaturesOf(order).join(' ');

/** Signatures of a request at most: of the keys of a sender that changes them. */
const maxSignatures = 10;

/**
 * Whether one of the signatures of a request is ours. Compared in constant time.
 * @param signatures the header `webhook-signature`: one or several, with spaces between them
 */
export const isSignedBy = (order: WebhookOrder, signatures: string): boolean => {
  const expected = signaturesOf(order).map((text) => Buffer.from(text));
  return signatures
    .split(' ', maxSignatures)
    .map((text) => Buffer.from(text))
    .some((given) => expected.some((one) => given.length === one.length && timingSafeEqual(given, one)));
};

export const webhookHeaders = (order: WebhookOrder): Readonly<Record<string, string>> => ({
  'content-type': 'application/json',
  'webhook-id': order.id,
  'webhook-timestamp': String(order.timestampS),
  'webhook-signature': webhookSignature(order),
});

const typeOf = (notice: Notice): string =>
  notice.kind === 'incident' ? `incident.${notice.content.change}` : notice.kind.replace('_', '.');

/** The body of a webhook: type, time and data. It does not change from one attempt to the next. */
export const webhookBody = (notice: Notice, at: string): string =>
  JSON.stringify({ type: typeOf(notice), timestamp: at, data: notice.content });
