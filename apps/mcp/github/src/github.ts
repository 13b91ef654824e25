// The way to GitHub: octokit over the guarded fetch of a call, with the errors of tools.
import { asToolError, ToolError, type ToolCallContext } from '@pulser/mcp-server-kit';
import type { Octokit } from '@octokit/rest';

import { errorOfAnswer } from './errors.policy.js';

const publicApi = 'https://api.github.com';
// The version that every GitHub Enterprise Server in support has, too.
const apiVersion = '2022-11-28';

const isJson = (headers: Headers): boolean => /^application\/json\b/.test(headers.get('content-type') ?? '');

// Octokit takes a body that ends early for an empty one: read here, it fails as it should.
const readingWhole =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  async (input, init) => {
    const response = await fetch(input, init);
    if (response.body === null || !isJson(response.headers)) return response;
    const { status, headers } = response;
    return new Response(await response.text(), { status, headers });
  };

interface FailedRequest {
  readonly cause?: unknown;
  readonly response?: {
    readonly status: number;
    readonly headers: Record<string, string | number>;
    readonly data: unknown;
  };
}

const errorOf = (error: unknown): ToolError => {
  const { response, cause } = error as FailedRequest;
  return response === undefined ? asToolError(cause ?? error) : errorOfAnswer(response);
};

/** Marks a request whose answer is a stream of bytes. */
export const asStream = { parseSuccessResponseBody: false };
/** Marks a request whose answer is the address of something. */
export const asAddress = { ...asStream, redirect: 'manual' as const };

interface RequestOptions {
  readonly request?: { readonly parseSuccessResponseBody?: boolean; readonly redirect?: string };
}

const checkAnswer = (
  { status, data }: { readonly status: number; readonly data: unknown },
  { request = {} }: RequestOptions,
): void => {
  if (status === 204 || request.redirect === 'manual') return;
  if (status >= 300) throw new ToolError('not_found', `GitHub answered ${status}: the repository has another name now`);
  if (request.parseSuccessResponseBody === false) return;
  if (typeof data !== 'object' || data === null || data instanceof ArrayBuffer)
    throw new ToolError('upstream_error', `GitHub answered ${status} with a body that is not JSON`);
};

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

// Loaded when the first call comes: a server that only lists its tools needs none of it.
const client = async (call: ToolCallContext): Promise<Octokit> => {
  const auth = call.required('GITHUB_TOKEN');
  const { Octokit: Client } = await import('@octokit/rest');
  const octokit = new Client({
    auth,
    baseUrl: (call.optional('GITHUB_API_URL') ?? publicApi).replace(/\/+$/, ''),
    userAgent: 'pulser-mcp-github',
    request: { fetch: readingWhole(call.fetch), signal: call.signal },
    log: silent,
  });
  octokit.hook.before('request', ({ headers }) => {
    headers['x-github-api-version'] = apiVersion;
  });
  octokit.hook.error('request', (error) => {
    throw errorOf(error);
  });
  octokit.hook.after('request', checkAnswer);
  return octokit;
};

/**
 * What `ask` makes of GitHub's answers. @throws ToolError
 * An answer that lacks what GitHub documents ends as one, too.
 */
export const askGitHub = async <T>(call: ToolCallContext, ask: (octokit: Octokit) => Promise<T>): Promise<T> => {
  const octokit = await client(call);
  try {
    return await ask(octokit);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new ToolError('upstream_error', "GitHub's answer has another shape than documented", { cause: error });
  }
};
