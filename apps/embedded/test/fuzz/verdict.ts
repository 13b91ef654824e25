import { bodyRefusals } from '@pulser/contracts';

/** `accepted`, or the code of the refusal. Also what may never come: `crash` and `nothing`. */
export type Verdict = string;

const codeByReason = new Map<string, string>(
  Object.values(bodyRefusals).map(({ http, deadLetter }) => [deadLetter, http]),
);

export const verdictOfAnswer = (status: number, code: unknown): Verdict => {
  if (status === 202) return 'accepted';
  return status < 500 && typeof code === 'string' ? code : 'crash';
};

export const verdictOfLetter = (reason: string): Verdict =>
  reason === 'handler_failed' || reason === 'unexplained' ? 'crash' : (codeByReason.get(reason) ?? reason);
