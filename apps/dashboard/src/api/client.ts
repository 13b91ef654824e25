// Every request of the page: same origin, the session's cookie, JSON both ways, problem documents as one typed error.
import { type ApiError, errorOfAnswer, unreachable } from './problem.js';

/** A list is joined by commas; with `each`, the parameter comes once for every value. */
export type QueryValue =
  string | number | boolean | undefined | null | readonly string[] | { readonly each: readonly string[] };
export type Query = Readonly<Record<string, QueryValue>>;

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly query?: Query | undefined;
  /** Sent as JSON; a Blob or FormData is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The entity tag of what the caller has seen: the change is refused (412) when it is another one by now. */
  readonly ifMatch?: string | undefined;
  /** Makes a repeat of the same submission harmless. */
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer<T> {
  readonly body: T;
  readonly status: number;
  readonly etag: string | null;
  readonly headers: Headers;
}

/** The path with its query; what is undefined, null or an empty list is left out, lists are joined by commas. */
export const urlOf = (path: string, query: Query = {}): string => {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    if (typeof value === 'object' && 'each' in value) {
      for (const one of value.each) search.append(name, one);
      continue;
    }
    const text = Array.isArray(value) ? value.join(',') : String(value);
    if (text !== '') search.set(name, text);
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
};

const isRaw = (body: unknown): body is Blob | FormData => body instanceof Blob || body instanceof FormData;

const requestOf = ({ method, body, headers, ifMatch, idempotencyKey, signal }: Call): RequestInit => ({
  method: method ?? (body === undefined ? 'GET' : 'POST'),
  credentials: 'same-origin',
  headers: {
    accept: 'application/json',
    ...(body !== undefined && !isRaw(body) && { 'content-type': 'application/json' }),
    ...(ifMatch !== undefined && { 'if-match': ifMatch }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    ...headers,
  },
  ...(body !== undefined && { body: isRaw(body) ? body : JSON.stringify(body) }),
  ...(signal !== undefined && { signal }),
});

type Unsubscribe = () => void;
const onUnauthenticated = new Set<(error: ApiError) => void>();

/** Calls back when a request was refused because the session is over. @returns a function that ends this */
export const whenUnauthenticated = (listener: (error: ApiError) => void): Unsubscribe => {
  onUnauthenticated.add(listener);
  return () => onUnauthenticated.delete(listener);
};

/**
 * The answer of the API as it comes, for files and streams.
 * @throws ApiError, or the AbortError of `signal`
 */
export const send = async (path: string, call: Call = {}): Promise<Response> => {
  const response = await fetch(urlOf(path, call.query), requestOf(call)).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreachable(error);
  });
  if (response.ok || response.status === 304) return response;
  const error = errorOfAnswer(response.status, response.headers, await response.json().catch(() => undefined));
  if (error.code === 'unauthenticated') for (const listener of onUnauthenticated) listener(error);
  throw error;
};

/** The answer with its status and entity tag. @throws ApiError, or the AbortError of `signal` */
export const ask = async <T>(path: string, call: Call = {}): Promise<Answer<T>> => {
  const response = await send(path, call);
  const { status, headers } = response;
  const read = (): Promise<unknown> =>
    response.json().catch((error: unknown) => {
      throw unreachable(error);
    });
  const body = status === 204 ? undefined : await read();
  return { body: body as T, status, headers, etag: headers.get('etag') };
};

/** The API of Pulser. The type parameter is the promise of `@pulser/contracts`. */
export const api = {
  get: async <T>(path: string, call: Omit<Call, 'method' | 'body'> = {}): Promise<T> => (await ask<T>(path, call)).body,
  post: async <T>(path: string, body: unknown = {}, call: Omit<Call, 'method' | 'body'> = {}): Promise<T> =>
    (await ask<T>(path, { ...call, method: 'POST', body })).body,
  put: async <T>(path: string, body: unknown, call: Omit<Call, 'method' | 'body'> = {}): Promise<T> =>
    (await ask<T>(path, { ...call, method: 'PUT', body })).body,
  patch: async <T>(path: string, body: unknown, call: Omit<Call, 'method' | 'body'> = {}): Promise<T> =>
    (await ask<T>(path, { ...call, method: 'PATCH', body })).body,
  delete: async <T>(path: string, call: Omit<Call, 'method' | 'body'> = {}): Promise<T> =>
    (await ask<T>(path, { ...call, method: 'DELETE' })).body,
};
