// Answers of the engine that are no success, as errors of a tool.
import { ToolError, type ToolErrorCode } from '@pulser/mcp-server-kit';
import { z } from 'zod';

const codes: Readonly<Record<number, ToolErrorCode>> = {
  400: 'invalid_args',
  401: 'refused',
  403: 'refused',
  404: 'not_found',
  406: 'invalid_args',
  409: 'conflict',
  429: 'rate_limited',
};

const maxMessage = 2_000;

const Problem = z.object({ message: z.string() });

const messageOf = (body: string): string | undefined => {
  try {
    return Problem.parse(JSON.parse(body)).message;
  } catch {
    return undefined;
  }
};

/** The error of an answer. */
export const failureOf = (status: number, body: string): ToolError => {
  const message = messageOf(body) ?? `The Docker engine answered with status ${status}`;
  return new ToolError(codes[status] ?? 'upstream_error', message.slice(0, maxMessage));
};
