import { z } from 'zod';

/** The methods that a call may use. */
export const OutgoingMethod = z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
export type OutgoingMethod = z.infer<typeof OutgoingMethod>;

export interface OutgoingRequest {
  readonly method?: OutgoingMethod;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** `manual` hands out a redirect as the answer instead of following it. */
  readonly redirect?: 'follow' | 'manual';
  /** Ends the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds for everything; less than the client's own limit, never more. */
  readonly timeoutMs?: number;
  /** Bytes of the decoded body; less than the client's own limit, never more. */
  readonly maxBytes?: number;
}
