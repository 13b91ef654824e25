// How many tokens a request will be, from above, before it is sent. Tokenizers differ by model: this counts by the one that
// most are close to and adds a share. What the server says afterwards is what is charged.
import { createRequire } from 'node:module';

import type * as Tokenizer from 'gpt-tokenizer/encoding/o200k_base';

import type { AnswerFormat, ChatMessage, ChatRequest, ChatTool } from './chat.js';

/** Above this, counting would hold up the process: two bytes are less than a token of nearly every text. */
const maxCountedBytes = 32_768;

/** Roles, separators and names around each message. */
const perMessage = 8;
/** For tokenizers that cut finer. */
const share = 1.2;
const perRequest = 32;

// A text that holds the name of a special token is text all the same.
const asText = { disallowedSpecial: new Set<string>() };

const load = createRequire(import.meta.url);
let tokenizer: typeof Tokenizer | undefined;

/** Loaded by the first text: its table takes 70 MB and 0.15 s of a start, and most processes never count. */
const countTokens = (text: string): number => {
  tokenizer ??= load('gpt-tokenizer/encoding/o200k_base') as typeof Tokenizer;
  return tokenizer.countTokens(text, asText);
};

/** Tokens of a text, by the tokenizer or by its size. */
export const tokensOf = (text: string): number => {
  const bytes = Buffer.byteLength(text);
  return bytes > maxCountedBytes ? Math.ceil(bytes / 2) : countTokens(text);
};

const textOfMessage = (message: ChatMessage): string => {
  if (message.role !== 'assistant') return message.content;
  const calls = (message.toolCalls ?? []).map(({ id, name, arguments: given }) => `${id} ${name} ${given}`);
  return [message.content, ...calls].join('\n');
};

const textOfTool = ({ name, description, parameters }: ChatTool): string =>
  `${name}\n${description}\n${JSON.stringify(parameters)}`;

const textOfFormat = (format: AnswerFormat): string => (format.kind === 'schema' ? JSON.stringify(format.schema) : '');

/** Tokens of a request's input, from above. */
export const inputTokensOf = ({ messages, tools, format }: Omit<ChatRequest, 'maxOutputTokens'>): number => {
  const texts = [...messages.map(textOfMessage), ...tools.map(textOfTool), textOfFormat(format)];
  const counted = texts.reduce((sum, text) => sum + tokensOf(text) + perMessage, 0);
  return Math.ceil(counted * share) + perRequest;
};
