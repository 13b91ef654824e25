// What the model server of specs answers, or how it fails.

/** A call of a tool as a model writes it. */
export interface CalledTool {
  readonly name: string;
  /** As JSON, or a text that is none. */
  readonly arguments: unknown;
}

export interface ModelUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** One answer, or a fault. */
export type ModelReply =
  | {
      readonly kind: 'answer';
      readonly text?: string;
      readonly tools?: readonly CalledTool[];
      /** Counted by the size of texts without. */
      readonly usage?: ModelUsage;
      /** Sends no usage. */
      readonly silentUsage?: boolean;
      readonly finish?: string;
      /** Milliseconds before each piece. */
      readonly slowMs?: number;
    }
  /** As many pieces as the reader takes, whatever limit the request has. */
  | { readonly kind: 'endless' }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterS?: number; readonly code?: string }
  /** The connection is reset before the answer. */
  | { readonly kind: 'reset' }
  /** The connection is reset after some pieces of this text. */
  | { readonly kind: 'half'; readonly text: string }
  /** Says nothing until the client goes. */
  | { readonly kind: 'hang' };

/** A request as the server reads it. */
export interface ModelRequest {
  readonly model: string;
  readonly messages: readonly {
    readonly role: string;
    readonly content?: string | null;
    readonly tool_call_id?: string;
    readonly tool_calls?: readonly { readonly id: string; readonly function: { name: string; arguments: string } }[];
  }[];
  readonly tools?: readonly { readonly function: { readonly name: string; readonly parameters: unknown } }[];
  readonly response_format?: { readonly type: string };
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly stream?: boolean;
}

/** @param n number of the request, from 1 */
export type ModelScript = (request: ModelRequest, n: number) => ModelReply | Promise<ModelReply>;

export const says = (text: string, usage?: ModelUsage): ModelReply => ({
  kind: 'answer',
  text,
  ...(usage !== undefined && { usage }),
});

export const calls = (...tools: CalledTool[]): ModelReply => ({ kind: 'answer', tools });

/** Replies one after the other; the last one again and again. */
export const inTurn = (...replies: readonly [ModelReply, ...ModelReply[]]): ModelScript => {
  const last = replies.at(-1) ?? replies[0];
  return (_, n) => replies[n - 1] ?? last;
};

const order = /<<call (\w+) (\{.*?\})>>/g;

/**
 * A model that does whatever it reads in a message, except in those of the system: each `<<call name {"json": 1}>>` that
 * stands anywhere, once. Then it says what it did.
 */
export const obedient: ModelScript = ({ messages }) => {
  const read = messages
    .filter(({ role }) => role !== 'system' && role !== 'assistant')
    // Results of tools are JSON, in which quotes are escaped.
    .flatMap(({ content }) => [...(content ?? '').replaceAll('\\"', '"').matchAll(order)]);
  const done = new Set(
    messages.flatMap(({ tool_calls: made = [] }) =>
      made.map(({ function: { name, arguments: given } }) => name + given),
    ),
  );
  const wanted = read
    .map(([, name = '', given = '']) => ({ name, arguments: given }))
    .filter(({ name, arguments: given }) => !done.has(name + given));
  return wanted.length === 0 ? says(`done: ${done.size}`) : calls(...wanted);
};
