// What is asked of a model and what it answers, in the words of the chat completions API that all servers speak:
// https://platform.openai.com/docs/api-reference/chat/create

/** A call of a tool, as the model wrote it: its arguments may be anything. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** Meant to be JSON. */
  readonly arguments: string;
}

export type ChatMessage =
  | { readonly role: 'system' | 'user'; readonly content: string }
  | { readonly role: 'assistant'; readonly content: string; readonly toolCalls?: readonly ToolCall[] }
  | { readonly role: 'tool'; readonly callId: string; readonly content: string };

/** A tool that the model may call. */
export interface ChatTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of its arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What the answer has to be: text, any JSON object, or JSON of a schema. */
export type AnswerFormat =
  | { readonly kind: 'text' }
  | { readonly kind: 'json' }
  | { readonly kind: 'schema'; readonly schema: Readonly<Record<string, unknown>> };

export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ChatTool[];
  readonly format: AnswerFormat;
  /** Tokens that the answer may have, reasoning included. */
  readonly maxOutputTokens: number;
}

/** Tokens as the server counts them. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export type FinishReason = 'stop' | 'tools' | 'length' | 'filtered';

export interface ChatAnswer {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finish: FinishReason;
  /** Missing where the server does not say. */
  readonly usage: Usage | undefined;
  /** The model that answered, as the server calls it. */
  readonly model: string;
}
