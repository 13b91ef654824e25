// One try of a call: the request as the server wants it, its answer as it comes, and every way in which there is none.
import { fetchOver, OutgoingFailed, type OutgoingClient, OutgoingRefused } from '@pulser/outgoing/client';
import { type Breaker, BreakerOpen } from '@pulser/service-kit';
import type OpenAI from 'openai';

import type { AnswerFormat, ChatAnswer, ChatMessage, ChatRequest, ChatTool } from './chat.js';
import type { ModelEndpoint } from './endpoint.js';
import { ModelFailed, type ModelFailureCode } from './model-failure.js';
import { type AnswerPart, StreamedAnswer } from './streamed-answer.js';

/** What one try gave. */
export interface Tried {
  readonly answer: ChatAnswer;
  /** The server sent more than it was asked for: the answer was cut off. */
  readonly overrun: boolean;
  /** Output tokens that came, counted here: what is charged of an answer without usage. */
  readonly outputTokens: number;
}

export interface TryOptions {
  readonly signal: AbortSignal;
  /** Called with each piece of text as it comes. */
  readonly onText?: (text: string) => void;
}

/** Whether an error means that the server is away or broken: the breaker counts these alone. */
export const isModelOutage = (error: unknown): boolean =>
  error instanceof ModelFailed && ['unreachable', 'overloaded', 'broken_off'].includes(error.code);

type Body = OpenAI.Chat.ChatCompletionCreateParamsStreaming;

const messageOf = (message: ChatMessage): Body['messages'][number] => {
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content: message.content };
    case 'tool':
      return { role: 'tool', tool_call_id: message.callId, content: message.content };
    case 'assistant': {
      const calls = (message.toolCalls ?? []).map(({ id, name, arguments: given }) => ({
        id,
        type: 'function' as const,
        function: { name, arguments: given },
      }));
      return { role: 'assistant', content: message.content, ...(calls.length > 0 && { tool_calls: calls }) };
    }
  }
};

const toolOf = ({ name, description, parameters }: ChatTool) => ({
  type: 'function' as const,
  function: { name, description, parameters: { ...parameters } },
});

const formatOf = (format: AnswerFormat): Pick<Body, 'response_format'> => {
  switch (format.kind) {
    case 'text':
      return {};
    case 'json':
      return { response_format: { type: 'json_object' } };
    case 'schema':
      return {
        response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { ...format.schema } } },
      };
  }
};

const bodyOf = ({ messages, tools, format, maxOutputTokens }: ChatRequest, endpoint: ModelEndpoint): Body => ({
  model: endpoint.model,
  messages: messages.map(messageOf),
  ...(tools.length > 0 && { tools: tools.map(toolOf) }),
  ...formatOf(format),
  [endpoint.outputLimitName]: maxOutputTokens,
  stream: true,
  stream_options: { include_usage: true },
});

/** The library's error for an answer that is none of success. */
interface ServerError {
  readonly status: number;
  readonly headers?: Headers | undefined;
  readonly code?: string | null | undefined;
  readonly type?: string | undefined;
}

const sentHeaders = new Set(['accept', 'authorization', 'content-type']);

/** The library adds headers about this machine, and those of a variable of the operator's: a server gets neither. */
const plainFetch =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  (input, init = {}) => {
    const headers = [...new Headers(init.headers)].filter(([name]) => sentHeaders.has(name));
    return fetch(input, { ...init, headers });
  };

const maxRetryAfterMs = 3_600_000;

/** Milliseconds that a Retry-After asks for (RFC 9110, 10.2.3). @param now in milliseconds */
export const retryAfterOf = (header: string | null | undefined, now: number): number | undefined => {
  if (header === null || header === undefined) return undefined;
  const text = header.trim();
  const ms = /^\d{1,9}(\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.min(maxRetryAfterMs, Math.max(0, Math.round(ms))) : undefined;
};

const codeShape = /^[a-z][a-z0-9_.]{0,63}$/;

const failureOfStatus = (status: number): ModelFailureCode => {
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 429) return 'rate_limited';
  if (status === 408 || status === 409 || status >= 500) return 'overloaded';
  return 'refused';
};

// Failures of libs/outgoing before a byte of the request left, and those after it.
const unsent = new Set(['name_not_found', 'name_unresolved', 'connect_failed']);
const neverSent = new Set(['certificate_invalid']);

const failureOfOutgoing = (error: OutgoingFailed): ModelFailureCode => {
  if (neverSent.has(error.code)) return 'not_allowed';
  return unsent.has(error.code) ? 'unreachable' : 'broken_off';
};

/** The library wraps what its fetch throws, once or twice. */
const causeIn = (error: unknown): unknown => {
  let cause = error;
  for (let depth = 0; depth < 5; depth += 1) {
    if (cause instanceof OutgoingFailed || cause instanceof OutgoingRefused || cause instanceof ModelFailed)
      return cause;
    if (!(cause instanceof Error) || cause.cause === undefined) return error;
    cause = cause.cause;
  }
  return error;
};

// Loaded by the first call: most processes never ask a model, and its 236 modules would be a tenth of their start.
const library = () => import('openai');
type Library = Awaited<ReturnType<typeof library>>;

/** The client of one model. It tries once: who asks decides whether to try again, and pays for each try. */
export class ModelClient {
  readonly origin: string;
  private openai: OpenAI | undefined;

  constructor(
    readonly endpoint: ModelEndpoint,
    private readonly client: OutgoingClient,
    private readonly breaker: Breaker,
  ) {
    this.origin = new URL(endpoint.baseUrl).origin;
  }

  /** @throws ModelFailed */
  async ask(request: ChatRequest, options: TryOptions): Promise<Tried> {
    try {
      return await this.breaker.run(() => this.try(request, options));
    } catch (error) {
      if (error instanceof BreakerOpen) throw new ModelFailed('unreachable', { origin: this.origin, cause: error });
      throw error;
    }
  }

  private async try(request: ChatRequest, { signal, onText }: TryOptions): Promise<Tried> {
    const loaded = await library();
    this.openai ??= this.connection(loaded);
    const streamed = new StreamedAnswer(request.maxOutputTokens);
    const cut = new AbortController();
    try {
      const parts = await this.openai.chat.completions.create(bodyOf(request, this.endpoint), {
        signal: AbortSignal.any([signal, cut.signal]),
      });
      for await (const part of parts as AsyncIterable<AnswerPart>) {
        const text = streamed.add(part);
        if (text !== '') onText?.(text);
        if (streamed.isOverrun) break;
      }
    } catch (error) {
      throw this.failureOf(error, signal, loaded);
    } finally {
      cut.abort();
    }
    if (signal.aborted) throw this.failureOf(signal.reason, signal, loaded);
    return this.checked(streamed);
  }

  private connection({ OpenAI: Connection }: Library): OpenAI {
    return new Connection({
      baseURL: this.endpoint.baseUrl.replace(/\/+$/, ''),
      // The library wants one; a server that needs none ignores it.
      apiKey: this.endpoint.key ?? 'none',
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      maxRetries: 0,
      // The time of a call is the client's.
      timeout: maxRetryAfterMs,
      logLevel: 'off',
      fetch: plainFetch(fetchOver(this.client)),
    });
  }

  private checked(streamed: StreamedAnswer): Tried {
    const overrun = streamed.isOverrun;
    // Without an end the connection may have been closed on the way.
    if (!overrun && !streamed.isWhole) throw new ModelFailed('broken_off', { origin: this.origin });
    return { answer: streamed.answer(this.endpoint.model), overrun, outputTokens: streamed.outputTokens };
  }

  private failureOf(thrown: unknown, signal: AbortSignal, { APIError }: Library): ModelFailed {
    const { origin } = this;
    const error = causeIn(thrown);
    if (signal.aborted) return new ModelFailed('aborted', { origin, cause: signal.reason });
    if (error instanceof ModelFailed) return error;
    if (error instanceof OutgoingRefused) return new ModelFailed('not_allowed', { origin, cause: error });
    if (error instanceof OutgoingFailed) return new ModelFailed(failureOfOutgoing(error), { origin, cause: error });
    if (error instanceof APIError && typeof error.status === 'number')
      return this.failureOfAnswer(error as ServerError);
    // An error in the middle of a stream has no status.
    return new ModelFailed(error instanceof APIError ? 'broken_off' : 'not_understood', { origin });
  }

  // Without the message and the cause: the server may repeat the request or the key in them.
  private failureOfAnswer(error: ServerError): ModelFailed {
    const { status } = error;
    const retryAfterMs = retryAfterOf(error.headers?.get('retry-after'), Date.now());
    const serverCode = [error.code, error.type].find((code) => typeof code === 'string' && codeShape.test(code));
    return new ModelFailed(failureOfStatus(status), {
      origin: this.origin,
      status,
      ...(typeof serverCode === 'string' && { serverCode }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }
}
