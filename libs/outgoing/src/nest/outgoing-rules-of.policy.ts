import type { OutgoingRules } from '../call/outgoing-rules.js';
import type { OutgoingEnv } from './outgoing.env.js';

/** What the environment says, in the units of the client. */
export const outgoingRulesOf = (env: OutgoingEnv): OutgoingRules => ({
  schemes: env.OUTGOING_SCHEMES,
  ports: env.OUTGOING_PORTS,
  allowed: env.OUTGOING_ALLOW,
  timeoutMs: env.OUTGOING_TIMEOUT_S * 1_000,
  idleMs: env.OUTGOING_IDLE_TIMEOUT_S * 1_000,
  maxBytes: env.OUTGOING_MAX_BYTES,
  maxRedirects: env.OUTGOING_MAX_REDIRECTS,
});
