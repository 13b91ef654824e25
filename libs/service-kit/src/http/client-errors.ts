// Answers to what never becomes a request: Node's parser refuses it, and no hook, handler or filter runs.
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { HttpError } from '@pulser/contracts';

import { problemOf } from './problems.js';

/** Maximum size of a request line with its headers, in bytes. */
export const maxHeadBytes = 16_384;

/** What a client is told for a code of Node's parser or of its timers. */
export const clientRefusal = (code: string): HttpError => {
  if (code === 'HPE_HEADER_OVERFLOW') {
    const detail = `Its path, query and headers may have ${maxHeadBytes} bytes together`;
    return new HttpError('head_too_large', { detail, extensions: { limit_bytes: maxHeadBytes } });
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new HttpError('request_timeout');
  return new HttpError('invalid_request', { detail: 'It is not valid HTTP/1.1' });
};

const rawAnswer = (refusal: HttpError, headers: readonly (readonly [string, string])[]): string => {
  const problem = problemOf(refusal);
  const body = JSON.stringify(problem);
  const lines = [
    `HTTP/1.1 ${refusal.status} ${problem.title}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
};

// Where Node keeps the answer to the request that a socket works on.
export const answerOn = (socket: Socket): ServerResponse | undefined =>
  (socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? undefined;

/**
 * A handler of `clientError` that answers with a problem document. A request that was complete before the error gets its
 * own answer, and the connection is closed after it: a refusal in its place would have the client send again what was
 * accepted.
 * @param headers of every answer
 */
export const answerClientErrors =
  (headers: readonly (readonly [string, string])[]) =>
  (error: NodeJS.ErrnoException, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    const answer = answerOn(socket);
    if (answer?.req.complete === true) {
      answer.shouldKeepAlive = false;
      answer.once('finish', () => {
        socket.destroySoon();
      });
      return;
    }
    if (socket.writable && answer?.headersSent !== true)
      socket.write(rawAnswer(clientRefusal(error.code ?? ''), headers));
    socket.destroy(error);
  };
