// What an engine reports while it pulls and builds: one JSON object a line, errors among them.
import { createInterface } from 'node:readline';

import { ToolError, type ToolErrorCode } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { lostConnection } from './engine.js';

const Message = z.object({
  /** Of builds. */
  stream: z.string().optional(),
  aux: z.looseObject({ ID: z.string().optional() }).optional(),
  /** Of pulls; the id is that of a layer. */
  status: z.string().optional(),
  id: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).nullish(),
  error: z.string().optional(),
});
export type Message = z.infer<typeof Message>;

const messageIn = (line: string): Message => {
  try {
    return Message.parse(JSON.parse(line));
  } catch (error) {
    throw new ToolError('upstream_error', 'The Docker engine reported something that is not JSON', { cause: error });
  }
};

// What failed is told in words alone: the head of the answer was a success already, or 500 for all that a registry says.
const codes: readonly (readonly [RegExp, ToolErrorCode])[] = [
  [/not found|manifest unknown|does not exist/i, 'not_found'],
  [/unauthorized|denied|authentication required/i, 'refused'],
  [/toomanyrequests|rate limit/i, 'rate_limited'],
];

const maxMessage = 1_000;

/** The error that the engine reports with this text. */
export const reportedFailure = (text: string): ToolError => {
  const code = codes.find(([pattern]) => pattern.test(text))?.[1] ?? 'upstream_error';
  return new ToolError(code, text.slice(0, maxMessage));
};

/** The messages as they come. @throws ToolError for one that is an error, and when the connection is lost */
export async function* messagesOf(stream: NodeJS.ReadableStream, signal: AbortSignal): AsyncGenerator<Message> {
  // readline swallows an error of its input.
  let lost: Error | undefined;
  stream.once('error', (error: Error) => (lost = error));
  try {
    // A line belongs to one message, whatever the cuts between chunks.
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      if (line.trim() === '') continue;
      const message = messageIn(line);
      if (message.error !== undefined) throw reportedFailure(message.error);
      yield message;
    }
    if (lost !== undefined) throw lost;
  } catch (error) {
    throw lostConnection(error, signal);
  }
}
