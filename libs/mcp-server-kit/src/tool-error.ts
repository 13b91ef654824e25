// Why a call has no answer, as clients see it.
import { z } from 'zod';

import { errorKey } from './call-meta.js';

export const toolErrorCodes = [
  'not_configured',
  'invalid_args',
  'not_found',
  'conflict',
  'rate_limited',
  'timeout',
  'upstream_error',
  'refused',
] as const;
export type ToolErrorCode = (typeof toolErrorCodes)[number];

interface ToolErrorOptions {
  /** Seconds after which the same call may be tried again. */
  readonly retryAfterS?: number | undefined;
  readonly cause?: unknown;
}

/** The end of a call without an answer. Its message is for people and holds no value of a variable. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
  readonly retryAfterS: number | undefined;

  constructor(
    readonly code: ToolErrorCode,
    message: string,
    { retryAfterS, cause }: ToolErrorOptions = {},
  ) {
    super(message, { cause });
    this.retryAfterS = retryAfterS;
  }
}

const ErrorMeta = z.object({
  [errorKey]: z.object({
    code: z.enum(toolErrorCodes),
    message: z.string(),
    retry_after_s: z.number().nonnegative().optional(),
  }),
});
/** An error as it travels in the `_meta` of an answer. */
export type ErrorDetails = z.infer<typeof ErrorMeta>[typeof errorKey];

/** The error in an answer of a server of this kit; undefined: it is none, or of another server. */
export const errorIn = ({ _meta: meta }: { readonly _meta?: unknown }): ErrorDetails | undefined =>
  ErrorMeta.safeParse(meta).data?.[errorKey];
