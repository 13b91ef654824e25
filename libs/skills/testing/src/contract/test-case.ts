// One request of a contract test: what it holds, and whether the document allows that.
import type { OutgoingRequest } from '@pulser/outgoing/client';

import { below } from '../targets/base-url.js';
import type { ApiOperation, ApiParameter, TestedMethod } from './api-operation.js';

/** A body as it is sent. */
export interface SentBody {
  readonly text: string;
  readonly mediaType: string;
}

export interface TestCase {
  readonly operation: ApiOperation;
  /** What is tried, like `limit: above the most`. */
  readonly label: string;
  readonly legal: boolean;
  /** By place and name. */
  readonly values: ReadonlyMap<ApiParameter, unknown>;
  readonly body?: SentBody;
}

/** A request as it is sent. */
export interface SentRequest {
  readonly url: URL;
  readonly method: TestedMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const textOf = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(textOf).join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
};

const encoded = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const queryPairs = ({ name, explode }: ApiParameter, value: unknown): string[] => {
  const values = explode && Array.isArray(value) ? value : [value];
  return values.map((one) => `${encoded(name)}=${encoded(textOf(one))}`);
};

const at = (values: TestCase['values'], place: ApiParameter['in']): [ApiParameter, unknown][] =>
  [...values].filter(([parameter]) => parameter.in === place);

const pathOf = ({ operation, values }: TestCase): string =>
  at(values, 'path').reduce(
    (path, [{ name }, value]) => path.replace(`{${name}}`, () => encoded(textOf(value))),
    operation.path,
  );

/** Whether a value can stand in a path: nothing, and dots, would name another one. */
export const fitsPath = (value: unknown): boolean => {
  const text = textOf(value);
  return text !== '' && text !== '.' && text !== '..';
};

/** Whether a value can stand in a header: others are refused before they are sent. */
export const fitsHeader = (value: unknown): boolean =>
  /^[\x20-\x7e]*$/.test(textOf(value)) && textOf(value).length < 4_000;

/** The request of a case. @param headers of every request */
export const requestOf = (base: URL, test: TestCase, headers: Readonly<Record<string, string>>): SentRequest => {
  const query = at(test.values, 'query').flatMap(([parameter, value]) => queryPairs(parameter, value));
  const cookies = at(test.values, 'cookie').map(([{ name }, value]) => `${encoded(name)}=${encoded(textOf(value))}`);
  const own = at(test.values, 'header').map(([{ name }, value]) => [name.toLowerCase(), textOf(value)] as const);
  return {
    url: below(base, pathOf(test) + (query.length > 0 ? `?${query.join('&')}` : '')),
    method: test.operation.method,
    headers: {
      ...headers,
      ...Object.fromEntries(own),
      ...(cookies.length > 0 && { cookie: cookies.join('; ') }),
      ...(test.body !== undefined && { 'content-type': test.body.mediaType }),
    },
    ...(test.body !== undefined && { body: test.body.text }),
  };
};

/** Milliseconds for one answer: a slow one is no answer, and a task has many. */
const timeoutMs = 15_000;

export const outgoing = ({ method, headers, body }: SentRequest, signal: AbortSignal): OutgoingRequest => ({
  method,
  headers,
  ...(body !== undefined && { body }),
  redirect: 'manual',
  timeoutMs,
  signal,
});

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const maxCurlBody = 5_000;

/**
 * The request for a shell. Headers that the task gave may hold keys: they stand there as variables, `$AUTHORIZATION`.
 * @param secret names of those headers
 */
export const curlOf = ({ url, method, headers, body }: SentRequest, secret: ReadonlySet<string>): string => {
  const header = ([name, value]: [string, string]): string =>
    secret.has(name)
      ? `-H "${name}: $${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}"`
      : `-H ${quoted(`${name}: ${value}`)}`;
  return [
    // Braces are no pattern, and dots no way up.
    'curl -sS -i --globoff --path-as-is',
    ...(method === 'HEAD' ? ['--head'] : [`-X ${method}`]),
    ...Object.entries(headers).map(header),
    ...(body === undefined ? [] : [`--data-raw ${quoted(body.slice(0, maxCurlBody))}`]),
    quoted(url.href),
    ...(body !== undefined && body.length > maxCurlBody ? [`# the body has ${body.length} characters`] : []),
  ].join(' ');
};
