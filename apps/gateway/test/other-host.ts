import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';

import type { Answer, Call } from './client.js';

/** A request whose header Host names another one than it is sent to, which `fetch` does not let be said. */
export const callAs = async <T = Record<string, unknown>>(
  host: string,
  url: string,
  { method, body, headers = {} }: Call = {},
): Promise<Answer<T>> => {
  const sent = request(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers, host },
  });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const pairs = Object.entries(response.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  return { status: response.statusCode ?? 0, headers: new Headers(pairs), body: (await json(response)) as T };
};
