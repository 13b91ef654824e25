// Why a call has no result.
import type { ToolErrorCode } from '@pulser/contracts';

export interface CallFailureFacts {
  readonly approvalId?: string | undefined;
  readonly retryAfterS?: number | undefined;
  /** The server may have done what was asked. */
  readonly mayHaveRun?: boolean;
  /** No repeat under the same key or approval will be made. */
  readonly keySpent?: boolean;
  readonly cause?: unknown;
}

/** Thrown on the way of a call; the one who has called gets its code. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure';

  constructor(
    readonly code: ToolErrorCode,
    message: string,
    readonly facts: CallFailureFacts = {},
  ) {
    super(message, { cause: facts.cause });
  }
}
