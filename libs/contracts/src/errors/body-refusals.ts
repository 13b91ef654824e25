import type { DeadLetterReason, HttpErrorCode } from './codes.js';

/** Why a body is refused, whichever door it came through: the code of the HTTP problem, the reason of the dead letter. */
export const bodyRefusals = {
  tooLarge: { http: 'payload_too_large', letter: 'payload_too_large' },
  otherMediaType: { http: 'unsupported_media_type', letter: 'unsupported_media_type' },
  notJson: { http: 'invalid_json', letter: 'unparsable' },
  forbiddenKey: { http: 'forbidden_key', letter: 'forbidden_key' },
  mismatch: { http: 'invalid_request', letter: 'invalid_message' },
} as const satisfies Record<string, { http: HttpErrorCode; letter: DeadLetterReason }>;
export type BodyRefusal = keyof typeof bodyRefusals;
