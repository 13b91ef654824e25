// From a request of the protocol to its answer: the tool's result, or an error that says why there is none.
import { OutgoingFailed, OutgoingRefused } from '@pulser/outgoing/rules';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';

import { contextOf, type Hosting, type IncomingCall, variablesOf } from './call-context.js';
import { errorKey } from './call-meta.js';
import type { JsonObject, McpServerDefinition, ServerTool } from './definition.js';
import { maskText, maskValue, secretsOf } from './masking.policy.js';
import { bounded } from './result-size.policy.js';
import { ToolError } from './tool-error.js';

const maxMessage = 1_000;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What any error of a tool or of a client that it uses means to the caller. */
export const asToolError = (error: unknown): ToolError => {
  if (error instanceof ToolError) return error;
  const options = { cause: error };
  if (error instanceof OutgoingRefused) return new ToolError('refused', error.message, options);
  if (error instanceof OutgoingFailed)
    return new ToolError(error.code === 'timed_out' ? 'timeout' : 'upstream_error', error.message, options);
  return new ToolError('upstream_error', messageOf(error), options);
};

const errorAnswer = ({ code, message, retryAfterS }: ToolError, secrets: readonly string[]): CallToolResult => {
  const text = maskText(message, secrets).slice(0, maxMessage);
  const error = { code, message: text, ...(retryAfterS !== undefined && { retry_after_s: retryAfterS }) };
  // Not as structured content: clients check that against the schema of the result, for errors too.
  return { isError: true, content: [{ type: 'text', text: `${code}: ${text}` }], _meta: { [errorKey]: error } };
};

const resultAnswer = (result: JsonObject, secrets: readonly string[]): CallToolResult => {
  const whole = bounded(result);
  const text = JSON.stringify(whole);
  if (!secrets.some((secret) => text.includes(secret)))
    return { content: [{ type: 'text', text }], structuredContent: whole };
  const masked = maskValue(whole, secrets) as JsonObject;
  return { content: [{ type: 'text', text: JSON.stringify(masked) }], structuredContent: masked };
};

/** Ends with the call or its time, even when the tool ignores the signal. */
const withinTime = async <T>(
  limitMs: number,
  caller: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const late = new ToolError('timeout', `No answer within ${limitMs} ms`);
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const controller = new AbortController();
  const end = (reason: Error): void => {
    controller.abort(reason);
    reject(reason);
  };
  const cancel = (): void => {
    end(new ToolError('timeout', 'The caller has cancelled the call', { cause: caller.reason }));
  };
  const timer = setTimeout(() => {
    end(late);
  }, limitMs);
  caller.addEventListener('abort', cancel, { once: true });
  if (caller.aborted) cancel();
  try {
    return await Promise.race([ended, work(controller.signal)]);
  } finally {
    clearTimeout(timer);
    caller.removeEventListener('abort', cancel);
  }
};

/** The answer to a call, whatever becomes of it: never throws. */
export const answerTo = async (
  definition: McpServerDefinition,
  tool: ServerTool,
  args: unknown,
  incoming: IncomingCall,
  hosting: Hosting,
): Promise<CallToolResult> => {
  const values = variablesOf(definition, incoming.meta, hosting);
  const secrets = secretsOf(definition, values);
  try {
    const result = await withinTime(tool.timeLimitMs, incoming.signal, (signal) =>
      tool.call(args, contextOf(definition, tool, { ...incoming, signal }, values, hosting)),
    );
    return resultAnswer(result, secrets);
  } catch (error) {
    return errorAnswer(asToolError(error), secrets);
  }
};
