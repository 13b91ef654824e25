import type { OutgoingHeaders } from './header.policy.js';
import type { OutgoingMethod } from './outgoing-request.js';

/** One request of a call; a redirect makes the next one. */
export interface Hop {
  readonly url: URL;
  readonly method: OutgoingMethod;
  readonly headers: OutgoingHeaders;
  readonly body: string | Uint8Array | null;
}
