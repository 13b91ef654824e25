// Whether a model gets on: repeated calls of tools, too many of them, and answers without content end an `ask`.
import { askLimits } from '../skills/ask-order.js';

/** How often the same call is made before the model is told, and after that the `ask` ends. */
const maxSame = 3;

export type Verdict =
  | { readonly kind: 'run' }
  /** Not run: the model is told so. */
  | { readonly kind: 'told'; readonly why: string }
  /** The `ask` ends. */
  | { readonly kind: 'stop'; readonly why: 'repeated_calls' | 'tool_calls' | 'no_content' };

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, item]) => [name, sorted(item)]));
};

/** The same call is the same text, in whatever order its arguments stand. */
export const canonicalCall = (name: string, given: unknown): string => JSON.stringify([name, sorted(given)]);

/** What one `ask` has done so far. Made anew by each attempt, from the same recorded steps. */
export class Progress {
  private readonly seen = new Map<string, number>();
  private calls = 0;
  private told = false;
  private empty = 0;

  /** @param call as `canonicalCall` has it. @param place in its message, from 0 */
  judge(call: string, place: number): Verdict {
    this.calls += 1;
    if (this.calls > askLimits.toolCalls) return { kind: 'stop', why: 'tool_calls' };
    if (place >= askLimits.toolCallsPerMessage)
      return { kind: 'told', why: `Not called: at most ${askLimits.toolCallsPerMessage} calls in one message` };
    const times = (this.seen.get(call) ?? 0) + 1;
    this.seen.set(call, times);
    if (times < maxSame) return { kind: 'run' };
    if (this.told) return { kind: 'stop', why: 'repeated_calls' };
    this.told = true;
    return { kind: 'told', why: 'Not called: the same call was made twice already, and gives the same result again' };
  }

  /** An answer without text and calls, as of a model that only reasons. */
  judgeEmpty(): Verdict {
    this.empty += 1;
    if (this.empty > 1) return { kind: 'stop', why: 'no_content' };
    return { kind: 'told', why: 'Your message had no content. Answer now, briefly, or call a tool.' };
  }
}
