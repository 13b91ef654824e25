// One request to a JSON API, with the errors of tools.
import { errorOfStatus } from './http-status.policy.js';
import { ToolError } from './tool-error.js';

export interface JsonRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** Who is asked, for messages of errors. */
  readonly backend: string;
  /** The text in the body of an error, where the API has one. */
  readonly detail?: (body: unknown) => string | undefined;
}

export interface JsonAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined: the answer has no body. */
  readonly body: unknown;
}

const parsed = (text: string): { readonly ok: boolean; readonly body?: unknown } => {
  try {
    return { ok: true, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  } catch {
    return { ok: false };
  }
};

const usualDetail = (body: unknown): string | undefined => {
  if (typeof body !== 'object' || body === null) return undefined;
  const { message, error } = body as Record<string, unknown>;
  return [message, error].find((text) => typeof text === 'string');
};

/**
 * The answer to a request. @throws ToolError for every status that is no success and for a body that is no JSON; what `fetch` throws
 * @param fetch of the call
 */
export const askJson = async (
  fetch: typeof globalThis.fetch,
  url: string | URL,
  { method = 'GET', headers = {}, body, signal, backend, detail = usualDetail }: JsonRequest,
): Promise<JsonAnswer> => {
  const response = await fetch(String(url), {
    method,
    headers: {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  const { ok, body: answer } = parsed(await response.text());
  const { status } = response;
  if (!response.ok) {
    const retryAfter = response.headers.get('retry-after');
    throw errorOfStatus({ backend, status, retryAfter, detail: ok ? detail(answer) : undefined });
  }
  if (!ok) throw new ToolError('upstream_error', `${backend} answered ${status} with a body that is not JSON`);
  return { status, headers: response.headers, body: answer };
};
