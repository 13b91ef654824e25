// An answer put together from the parts in which it comes, and cut off when it has more than was allowed.
import type { ChatAnswer, FinishReason, ToolCall, Usage } from './chat.js';
import { tokensOf } from './estimate.policy.js';

/** A part of an answer, as far as it is read: https://platform.openai.com/docs/api-reference/chat-streaming */
export interface AnswerPart {
  readonly model?: string | null | undefined;
  readonly choices?:
    | readonly {
        readonly delta?: {
          readonly content?: string | null | undefined;
          readonly tool_calls?:
            | readonly {
                readonly index?: number | null | undefined;
                readonly id?: string | null | undefined;
                readonly function?: {
                  readonly name?: string | null | undefined;
                  readonly arguments?: string | null | undefined;
                };
              }[]
            | null
            | undefined;
        };
        readonly finish_reason?: string | null | undefined;
      }[]
    | null
    | undefined;
  readonly usage?:
    | { readonly prompt_tokens?: number | null | undefined; readonly completion_tokens?: number | null | undefined }
    | null
    | undefined;
}

/** Parts are not cut at the tokens of the model, so that their counts add up to more than the tokens of the whole. */
const tolerance = 1.5;
const slack = 32;

/** Calls of tools in one answer; those beyond are dropped, and the loop refuses fewer. */
const maxToolCalls = 128;

const finishOf = (reason: string | null | undefined, calls: number): FinishReason => {
  if (reason === 'length' || reason === 'max_tokens') return 'length';
  if (reason === 'content_filter') return 'filtered';
  return calls > 0 ? 'tools' : 'stop';
};

const wholeNumber = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

interface PartialCall {
  id: string;
  name: string;
  arguments: string;
}

/** Gathers the parts of one answer. */
export class StreamedAnswer {
  private text = '';
  private readonly calls = new Map<number, PartialCall>();
  private finish: string | null | undefined;
  private counted: Usage | undefined;
  private model: string | undefined;
  private tokens = 0;

  /** @param maxOutputTokens that were allowed */
  constructor(private readonly maxOutputTokens: number) {}

  /** @returns the text of this part */
  add(part: AnswerPart): string {
    this.model ??= part.model ?? undefined;
    const { prompt_tokens: inputTokens, completion_tokens: outputTokens } = part.usage ?? {};
    if (wholeNumber(inputTokens) && wholeNumber(outputTokens)) this.counted = { inputTokens, outputTokens };
    const choice = part.choices?.[0];
    if (choice === undefined) return '';
    this.finish = choice.finish_reason ?? this.finish;
    for (const call of choice.delta?.tool_calls ?? []) this.addCall(call);
    const text = typeof choice.delta?.content === 'string' ? choice.delta.content : '';
    this.text += text;
    this.tokens += tokensOf(text);
    return text;
  }

  /** Whether it has surely more tokens than were allowed: the server does not keep the limit. */
  get isOverrun(): boolean {
    return this.tokens > this.maxOutputTokens * tolerance + slack;
  }

  /** Whether the server has said that this is its end. */
  get isWhole(): boolean {
    return typeof this.finish === 'string';
  }

  /** What the server says that it cost; undefined: it has not said so. */
  get usage(): Usage | undefined {
    return this.counted;
  }

  /** Output tokens that have come, counted here, from above. */
  get outputTokens(): number {
    return this.tokens;
  }

  /** @param model the one that was asked */
  answer(model: string): ChatAnswer {
    const toolCalls: ToolCall[] = [...this.calls.values()];
    const finish = finishOf(this.finish, toolCalls.length);
    return { text: this.text, toolCalls, finish, usage: this.counted, model: this.model ?? model };
  }

  private addCall({ index, id, function: called }: NonNullable<DeltaCalls>[number]): void {
    // Servers that number nothing send each call whole.
    const at = index ?? this.calls.size;
    const known = this.calls.get(at) ?? { id: '', name: '', arguments: '' };
    if (!this.calls.has(at) && this.calls.size >= maxToolCalls) return;
    const given = called?.arguments ?? '';
    this.calls.set(at, {
      id: id ?? (known.id === '' ? `call_${at}` : known.id),
      name: known.name + (called?.name ?? ''),
      arguments: known.arguments + given,
    });
    this.tokens += tokensOf(given);
  }
}

type DeltaCalls = NonNullable<NonNullable<NonNullable<AnswerPart['choices']>[number]['delta']>['tool_calls']>;
