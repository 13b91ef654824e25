// What becomes of a call that was made before, under the same key or approval.
import type { EarlierCall } from '@pulser/context-bus';
import { toolErrorCodes, type ToolErrorCode, ToolResult } from '@pulser/contracts';

import { CallFailure } from './call-failure.js';

type Answered = Omit<ToolResult, 'call_id'>;

const kept = ToolResult.omit({ call_id: true });

const withoutAnswer: Answered = {
  content: [{ type: 'text', text: 'This call was made before and has succeeded; its answer was not kept.' }],
  structured: null,
};

const unknownEnd = (): CallFailure =>
  new CallFailure(
    'upstream_error',
    'This call was made before, and nobody knows what became of it: look before you repeat it',
    {
      mayHaveRun: true,
    },
  );

const codes: ReadonlySet<string> = new Set(toolErrorCodes);

/**
 * @param mayRepeat whether a repeat of it changes nothing more
 * @returns what it answered then; undefined: it may leave again
 * @throws CallFailure when it must not
 */
export const afterEarlier = ({ outcome, answer, isSame }: EarlierCall, mayRepeat: boolean): Answered | undefined => {
  if (!isSame)
    throw new CallFailure('invalid_args', 'The idempotency key was used with another call', { keySpent: true });
  if (outcome === 'done') return kept.safeParse(answer).data ?? withoutAnswer;
  if (outcome === 'pending' || outcome === 'lost' || outcome === 'timeout') {
    if (mayRepeat) return undefined;
    throw unknownEnd();
  }
  const code = codes.has(outcome) ? (outcome as ToolErrorCode) : 'upstream_error';
  throw new CallFailure(code, 'This call was made before and has failed: make another one', { keySpent: true });
};
