// What a server answered, as the one who has called gets it.
import { toolLimits, type ToolErrorCode, type ToolResult } from '@pulser/contracts';
import { errorKey } from '@pulser/mcp-server-kit';

import type { ToolAnswer } from '../upstreams/tool-answer.js';
import { CallFailure } from './call-failure.js';

type Answered = Omit<ToolResult, 'call_id'>;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const maxMessage = 1_000;

const textIn = ({ content }: ToolAnswer): string => {
  const texts = content.map((block) => block['text']).filter((text) => typeof text === 'string');
  return texts.length === 0 ? 'The tool failed and says no more' : texts.join(' ').slice(0, maxMessage);
};

/** Codes of Pulser's own servers that are codes of a call. */
const kept: ReadonlySet<string> = new Set<ToolErrorCode>(['not_configured', 'invalid_args', 'rate_limited', 'timeout']);

/** The failure that a tool itself answers. Of a server from outside nothing but its text is believed. */
export const failureIn = (answer: ToolAnswer, isOwn: boolean): CallFailure => {
  const error = isOwn ? answer.meta?.[errorKey] : undefined;
  if (!isRecord(error)) return new CallFailure('upstream_error', textIn(answer));
  const { code, message, retry_after_s: retryAfterS } = error;
  const text = typeof message === 'string' ? message.slice(0, maxMessage) : textIn(answer);
  const facts = typeof retryAfterS === 'number' ? { retryAfterS } : {};
  if (typeof code === 'string' && kept.has(code)) return new CallFailure(code as ToolErrorCode, text, facts);
  return new CallFailure('upstream_error', typeof code === 'string' ? `${code}: ${text}` : text, facts);
};

/** @throws CallFailure `upstream_error` for one that is too large */
export const resultOf = ({ content, structuredContent }: ToolAnswer): Answered => {
  const structured = isRecord(structuredContent) ? structuredContent : null;
  const answered = { content: content.map((block) => ({ ...block })), structured };
  // Of Pulser's own servers the text is the same once more.
  const bytes = Buffer.byteLength(JSON.stringify(structured ?? answered.content));
  if (bytes <= toolLimits.answerBytes) return answered;
  const message = `The answer has ${bytes} bytes, more than ${toolLimits.answerBytes}: ask for less of it`;
  throw new CallFailure('upstream_error', message);
};

/** Whether a failure means that the server is away or broken, and not that it refuses this call. */
export const isOutage = (error: unknown): boolean => {
  if (!(error instanceof CallFailure)) return true;
  const { code, message } = error;
  if (code === 'server_unavailable' || code === 'timeout') return true;
  // The code of the server itself stands before its text.
  return code === 'upstream_error' && !/^(not_found|conflict|refused): /.test(message);
};
