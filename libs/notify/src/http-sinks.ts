// Slack and webhooks: requests through the guarded client, which refuses private addresses.
import type { Notice } from '@pulser/contracts';
import type { OutgoingClient, OutgoingRequest } from '@pulser/outgoing/client';

import type { Message } from './message.policy.js';
import { type Outcome, outcomeOf, outcomeOfError } from './outcome.js';
import { slackBody } from './slack.policy.js';
import { webhookBody, webhookHeaders } from './webhook.policy.js';

/** Milliseconds that a request may take. */
export const httpLimitMs = 10_000;

// An answer says by its status what came of it.
const bounds = { method: 'POST', redirect: 'manual', timeoutMs: httpLimitMs, maxBytes: 65_536 } as const;

const ask = async (
  client: OutgoingClient,
  url: string,
  request: Pick<OutgoingRequest, 'headers' | 'body'>,
  gone: (status: number) => boolean,
): Promise<Outcome> => {
  try {
    return outcomeOf(await client.request(url, { ...bounds, ...request }), gone);
  } catch (error) {
    return outcomeOfError(error);
  }
};

// Slack refuses the same body, or a webhook that was removed, again: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
const slackIsOver = (status: number): boolean => status >= 400 && status < 500 && status !== 429 && status !== 408;

/** Posts to an incoming webhook. @param url a secret: whoever knows it may post */
export const sendToSlack = (client: OutgoingClient, url: string, message: Message): Promise<Outcome> =>
  ask(
    client,
    url,
    { headers: { 'content-type': 'application/json' }, body: JSON.stringify(slackBody(message)) },
    slackIsOver,
  );

/** One request to a webhook. */
export interface WebhookCall {
  readonly url: string;
  readonly secret: string;
  /** The same for every repeat. */
  readonly id: string;
  /** When it was written, RFC 3339. */
  readonly at: string;
  readonly notice: Notice;
}

/** Posts a notice, signed by the standard. 410 ends it, as the standard has it; a receiver that is set up wrongly may be mended. */
export const sendToWebhook = (client: OutgoingClient, call: WebhookCall): Promise<Outcome> => {
  const body = webhookBody(call.notice, call.at);
  const timestampS = Math.floor(Date.now() / 1_000);
  const headers = webhookHeaders({ id: call.id, timestampS, body, secret: call.secret });
  return ask(client, call.url, { headers, body }, (status) => status === 410);
};
