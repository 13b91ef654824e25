// One call's way to the engine: dockerode over connections to a socket or to checked addresses.
import { Readable } from 'node:stream';

import { ToolError, type ToolCallContext } from '@pulser/mcp-server-kit';
import { asOutgoing, EndpointClient } from '@pulser/outgoing/client';
import type Docker from 'dockerode';

import { failureOf } from './failures.policy.js';
import { engineAddress } from './variables.js';

// The time limit of the call ends a silent engine; builds and commands may be silent for long.
const idleMs = 900_000;
const maxBytes = 32 * 1_048_576;

/** A request as dockerode hands it to its modem. */
export interface Dial {
  /** Ends with `?` where the options belong into the query. */
  readonly path: string;
  readonly method: string;
  readonly options?: Readonly<Record<string, unknown>> | null;
  readonly authconfig?: unknown;
  /** A body besides JSON: an archive. */
  readonly file?: Readable;
  readonly isStream?: boolean;
}

type DialCallback = (error: unknown, answer?: unknown) => void;

const textOfValue = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const queryOf = (options: Readonly<Record<string, unknown>>): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options))
    for (const item of [value].flat()) if (item !== undefined) query.append(name, textOfValue(item));
  return query.toString();
};

// dockerode would repeat the body of a new container in the query, with all values of its environment: those that set
// `_query` and `_body` say what goes where.
const targetOf = ({ path, options }: Dial): string => {
  if (!path.endsWith('?')) return path;
  const query = queryOf((options?.['_query'] ?? options ?? {}) as Record<string, unknown>);
  return query === '' ? path.slice(0, -1) : `${path}${query}`;
};

const jsonBody = ({ path, method, options }: Dial): unknown => {
  if (method !== 'POST') return undefined;
  return options?.['_body'] ?? (path.endsWith('?') ? undefined : (options ?? undefined));
};

// Engines read base64 in the alphabet of URLs (RFC 4648, section 5).
const authHeader = ({ authconfig }: Dial): Record<string, string> =>
  authconfig === undefined || authconfig === null
    ? {}
    : { 'x-registry-auth': Buffer.from(JSON.stringify(authconfig)).toString('base64url') };

const initOf = (dial: Dial): RequestInit => {
  const headers = authHeader(dial);
  if (dial.file !== undefined) {
    const body = Readable.toWeb(dial.file) as unknown as NonNullable<RequestInit['body']>;
    return { method: dial.method, headers: { ...headers, 'content-type': 'application/x-tar' }, body, duplex: 'half' };
  }
  const body = jsonBody(dial);
  if (body === undefined) return { method: dial.method, headers };
  return {
    method: dial.method,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
};

const causeOf = (error: unknown): unknown => (error instanceof Error ? (error.cause ?? error) : error);

/** A failure of a connection, as an error of a tool. */
export const lostConnection = (error: unknown, signal: AbortSignal): ToolError => {
  if (error instanceof ToolError) return error;
  if (signal.aborted)
    return new ToolError('timeout', 'The call was ended before the engine had answered', { cause: error });
  const { message } = asOutgoing(causeOf(error), '');
  return new ToolError('upstream_error', `No answer of the Docker engine: ${message}`, { cause: error });
};

const contentOf = (bytes: Buffer, type: string): unknown => {
  if (!type.startsWith('application/json')) return bytes;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new ToolError('upstream_error', 'The answer of the Docker engine is not JSON', { cause: error });
  }
};

/** What dockerode needs of `docker-modem`, which would follow redirects, and read files and sockets that variables name. */
class GuardedModem {
  constructor(
    private readonly client: EndpointClient,
    private readonly origin: string,
    private readonly signal: AbortSignal,
  ) {}

  dial(dial: Dial, callback: DialCallback): void {
    this.ask(dial).then(
      (answer) => {
        callback(null, answer);
      },
      (error: unknown) => {
        callback(lostConnection(error, this.signal));
      },
    );
  }

  private async ask(dial: Dial): Promise<unknown> {
    const answer = await this.client.fetch(`${this.origin}${targetOf(dial)}`, { ...initOf(dial), signal: this.signal });
    if (!answer.ok && answer.status !== 304) throw failureOf(answer.status, await answer.text());
    if (dial.isStream) return answer.body === null ? Readable.from([]) : Readable.fromWeb(answer.body);
    const bytes = Buffer.from(await answer.arrayBuffer());
    return contentOf(bytes, bytes.length === 0 ? '' : (answer.headers.get('content-type') ?? ''));
  }
}

const connectTo = async (call: ToolCallContext) => {
  const address = engineAddress(call);
  switch (address.kind) {
    case 'socket':
      return { origin: 'http://localhost', options: { socketPath: address.path } };
    case 'host': {
      const { addresses } = await call.route(address.url);
      return { origin: address.url, options: { addresses, tls: address.tls } };
    }
  }
};

/** Connects with the caller's variables, and closes when `use` has ended. @throws ToolError; what `use` throws */
export const withEngine = async <Result>(
  call: ToolCallContext,
  use: (engine: Docker) => Promise<Result>,
): Promise<Result> => {
  const { origin, options } = await connectTo(call);
  const client = new EndpointClient(origin, { idleMs, maxBytes, ...options });
  try {
    // 50 MB with what it brings: not before a call needs it.
    const { default: Dockerode } = await import('dockerode');
    return await use(new Dockerode({ modem: new GuardedModem(client, origin, call.signal) } as Docker.DockerOptions));
  } finally {
    await client.destroy();
  }
};
