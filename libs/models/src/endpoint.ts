// A server of models, as it is configured, and the way to it.
import { AllowEntry, type OutgoingRules, OutgoingClient } from '@pulser/outgoing/client';

import type { Price } from './price.policy.js';

/** The names by which servers take the limit of an answer: newer ones of OpenAI refuse the older name. */
export const outputLimitNames = ['max_tokens', 'max_completion_tokens'] as const;
export type OutputLimitName = (typeof outputLimitNames)[number];

/** A model at a server, with what it costs. */
export interface ModelEndpoint {
  /** As in the documentation of the server: `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  /** Never to be logged, stored or shown. */
  readonly key: string | undefined;
  readonly model: string;
  readonly price: Price;
  readonly outputLimitName: OutputLimitName;
}

/** Milliseconds and bytes of one answer. */
export interface AnswerLimits {
  readonly timeoutMs: number;
  readonly idleMs: number;
}

/** An answer of a million tokens as events has some 200 MB; none that is wanted has. */
const maxAnswerBytes = 64 * 1_048_576;

/** For the server that the operator names: it may be a private one, and no other can be reached. */
export const operatorsClient = (baseUrl: string, limits: AnswerLimits): OutgoingClient => {
  const url = new URL(baseUrl);
  const usual = url.protocol === 'http:' ? 80 : 443;
  return new OutgoingClient({
    schemes: [url.protocol === 'http:' ? 'http' : 'https'],
    ports: [url.port === '' ? usual : Number(url.port)],
    allowed: [AllowEntry.parse(url.hostname.replace(/^\[|\]$/g, ''))],
    maxBytes: maxAnswerBytes,
    maxRedirects: 0,
    ...limits,
  });
};

/** For a server that a tenant names: under the rules of what tasks may ask, with the time that models take. */
export const tenantsClient = (rules: OutgoingRules, limits: AnswerLimits): OutgoingClient =>
  new OutgoingClient({ ...rules, ...limits, maxBytes: maxAnswerBytes, maxRedirects: 0 });
