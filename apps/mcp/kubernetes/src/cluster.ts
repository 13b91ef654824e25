// One call's way to the API server: typed clients and single requests over connections to checked addresses.
import type { AppsV1Api, Configuration, CoreV1Api, RequestContext, ResponseContext } from '@kubernetes/client-node';
import { ToolError, type ToolCallContext } from '@pulser/mcp-server-kit';
import { asOutgoing, EndpointClient } from '@pulser/outgoing/client';
import { z } from 'zod';

import type { Connection } from './connection.policy.js';
import { failureOf } from './failures.policy.js';
import { connectionOf } from './variables.js';

/** Under which name the API server keeps who owns a field. */
export const fieldManager = 'pulser';

const idleMs = 30_000;
// A page of 500 pods has about 5 MB.
const maxBytes = 32 * 1_048_576;

/** A request that the typed clients have no method for, or whose answer they would change. */
export interface ClusterRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH';
  /** From the root of the API, each part encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
}

/** An answer, whatever its status. */
export interface ClusterAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Cluster {
  readonly namespace: string;
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  /** @throws ToolError when there is no answer */
  ask(request: ClusterRequest): Promise<ClusterAnswer>;
  /** The JSON of a success. @throws ToolError for any other answer */
  read<Schema extends z.ZodType>(schema: Schema, request: ClusterRequest): Promise<z.output<Schema>>;
}

const withQuery = (path: string, query: ClusterRequest['query'] = {}): string => {
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
};

// undici hides what happened in the cause.
const causeOf = (error: unknown): unknown => (error instanceof Error ? (error.cause ?? error) : error);

const failed = (error: unknown, signal: AbortSignal): ToolError => {
  if (signal.aborted)
    return new ToolError('timeout', 'The call was ended before the API server had answered', { cause: error });
  const { message } = asOutgoing(causeOf(error), '');
  return new ToolError('upstream_error', `No answer of the API server: ${message}`, { cause: error });
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ToolError('upstream_error', 'The answer of the API server is not JSON', { cause: error });
  }
};

/** The text of an answer, checked. @throws ToolError upstream_error */
export const parseAnswer = <Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> => {
  const { data, error } = schema.safeParse(jsonOf(text));
  if (error === undefined) return data;
  throw new ToolError('upstream_error', 'The answer of the API server has another shape than its API says', {
    cause: error,
  });
};

// The typed clients take every object for what it should be. Go writes an empty list as null, or leaves it out.
const AnyAnswer = z
  .looseObject({ kind: z.string(), apiVersion: z.string(), items: z.array(z.unknown()).nullish() })
  .transform((answer) => (answer.kind.endsWith('List') ? { ...answer, items: answer.items ?? [] } : answer));

interface Sent {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends requests of one call; every failure is a ToolError. */
class Transport {
  constructor(
    private readonly client: EndpointClient,
    private readonly connection: Connection,
    private readonly signal: AbortSignal,
  ) {}

  async send(url: string, init: Sent): Promise<ClusterAnswer> {
    const headers = { accept: 'application/json', ...this.connection.headers, ...init.headers };
    try {
      const answer = await this.client.fetch(url, { ...init, headers, signal: this.signal });
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    } catch (error) {
      throw failed(error, this.signal);
    }
  }

  ask({ method = 'GET', path, query, body, contentType = 'application/json' }: ClusterRequest): Promise<ClusterAnswer> {
    return this.send(`${this.connection.server}${withQuery(path, query)}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': contentType } }),
    });
  }

  /** What the typed clients send through: successes only come back. */
  async forClients(request: RequestContext, Answer: typeof ResponseContext): Promise<ResponseContext> {
    const body = request.getBody();
    const answer = successOf(
      await this.send(request.getUrl(), {
        method: request.getHttpMethod(),
        headers: request.getHeaders(),
        ...(typeof body === 'string' && { body }),
      }),
    );
    const text = JSON.stringify(parseAnswer(AnyAnswer, answer.text));
    return new Answer(answer.status, Object.fromEntries(answer.headers), {
      text: () => Promise.resolve(text),
      binary: () => Promise.resolve(Buffer.from(text)),
      stream: () => null,
    });
  }
}

const successOf = (answer: ClusterAnswer): ClusterAnswer => {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw failureOf(answer.status, answer.text, answer.headers.get('retry-after'));
};

const configurationOf = async (transport: Transport, server: string): Promise<Configuration> => {
  const kubernetes = await import('@kubernetes/client-node');
  return kubernetes.createConfiguration({
    baseServer: new kubernetes.ServerConfiguration(server, {}),
    httpApi: kubernetes.wrapHttpLibrary({
      send: (request) => transport.forClients(request, kubernetes.ResponseContext),
    }),
  });
};

const clusterOf = async (transport: Transport, { server, namespace }: Connection): Promise<Cluster> => {
  // 0.8 s and 100 MB: not before a call needs it.
  const { AppsV1Api, CoreV1Api } = await import('@kubernetes/client-node');
  const configuration = await configurationOf(transport, server);
  return {
    namespace,
    core: new CoreV1Api(configuration),
    apps: new AppsV1Api(configuration),
    ask: (request) => transport.ask(request),
    read: async (schema, request) => parseAnswer(schema, successOf(await transport.ask(request)).text),
  };
};

/** Connects with the caller's variables, and closes when `use` has ended. @throws ToolError; what `use` throws */
export const withCluster = async <Result>(
  call: ToolCallContext,
  use: (cluster: Cluster) => Promise<Result>,
): Promise<Result> => {
  const connection = connectionOf(call);
  const { addresses } = await call.route(connection.server);
  const client = new EndpointClient(connection.server, { idleMs, maxBytes, addresses, tls: connection.tls });
  try {
    return await use(await clusterOf(new Transport(client, connection, call.signal), connection));
  } finally {
    await client.destroy();
  }
};
