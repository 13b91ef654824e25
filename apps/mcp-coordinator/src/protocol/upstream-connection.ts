// The protocol towards servers of tools, whichever revision they speak: 2026-07-28, or 2025-11-25 and before. A third revision
// changes this file and `door/mcp-door.ts`, and nothing else.
import { setTimeout as wait } from 'node:timers/promises';

import {
  type CallToolRequestOptions,
  Client,
  type ConnectOptions,
  type McpSubscription,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  type Transport,
} from '@modelcontextprotocol/client';
import { pulserVersion } from '@pulser/service-kit';
import { z } from 'zod';

import type { ToolAnswer, ToolProgress } from '../upstreams/tool-answer.js';
import { UpstreamLost, UpstreamRefused, UpstreamUnavailable } from '../upstreams/upstream-errors.js';

/** Revisions from 2026-07-28 on have no sessions; those before begin with `initialize`. */
export type Era = 'modern' | 'legacy';

/** A tool as its server lists it, every member as it came: its hash is pinned. */
export type RawTool = Readonly<Record<string, unknown>> & { readonly name: string };

/** All that a server lists. */
export interface ToolList {
  readonly tools: readonly RawTool[];
  /** Of the list as a whole. */
  readonly meta: unknown;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly onProgress?: ((progress: ToolProgress) => void) | undefined;
}

export interface ConnectionOptions {
  readonly server: string;
  readonly transport: Transport;
  /** Undefined: it is found out, which an older server may answer with silence. */
  readonly era: Era | undefined;
  readonly signal: AbortSignal;
  readonly onToolsChanged: () => void;
  readonly onClosed: () => void;
  /** What is wrong and ends nothing, for instance a message that is none. */
  readonly onOddity: (error: Error) => void;
}

const RawTools = z.object({
  tools: z.array(z.looseObject({ name: z.string() })),
  nextCursor: z.string().optional(),
  _meta: z.unknown().optional(),
});

/** After so much silence a server over pipes counts as one of an older revision. Milliseconds. */
const probeMs = 2_000;
/** The signal of a call is its time limit; the library's own would only come first. Milliseconds. */
const noTimeLimit = 2 ** 31 - 1;
const maxPages = 64;
const maxTools = 2_000;
const relistenMs = 1_000;

const connectOptionsOf = ({ era, signal }: ConnectionOptions): ConnectOptions => ({
  signal,
  ...(era === 'legacy' && { prior: { kind: 'legacy' } }),
});

const unusable: ReadonlySet<SdkErrorCode> = new Set([
  SdkErrorCode.InvalidResult,
  SdkErrorCode.UnsupportedResultType,
  SdkErrorCode.CapabilityNotSupported,
]);
/** As in JSON-RPC. */
const internalError = -32_603;

/** A connection to one server, until it closes. */
export class UpstreamConnection {
  private isOpen = true;

  private constructor(
    private readonly server: string,
    private readonly client: Client,
  ) {}

  /** Says hello and learns the revision. @throws Error when the server does not answer as one of tools, or the signal comes */
  static async open(options: ConnectionOptions): Promise<UpstreamConnection> {
    const { server, transport, era, onToolsChanged, onClosed, onOddity } = options;
    const client = new Client(
      { name: 'pulser', version: pulserVersion },
      {
        versionNegotiation: {
          mode: era === 'modern' ? { pin: '2026-07-28' } : 'auto',
          probe: { timeoutMs: probeMs },
        },
        listChanged: { tools: { autoRefresh: false, debounceMs: 50, onChanged: onToolsChanged } },
      },
    );
    const connection = new UpstreamConnection(server, client);
    client.onerror = onOddity;
    client.onclose = () => {
      if (!connection.isOpen) return;
      connection.isOpen = false;
      onClosed();
    };
    await client.connect(transport, connectOptionsOf(options));
    void connection.follow(client.autoOpenedSubscription, onToolsChanged);
    return connection;
  }

  get era(): Era {
    return this.client.getProtocolEra() ?? 'legacy';
  }

  /** For instance `2025-11-25`. */
  get revision(): string {
    return this.client.getNegotiatedProtocolVersion() ?? '';
  }

  /** Name and version as the server says them of itself. */
  get software(): string | undefined {
    const about = this.client.getServerVersion();
    return about && `${about.name} ${about.version}`;
  }

  /** @throws Error when the server does not list them */
  async listTools(signal: AbortSignal): Promise<ToolList> {
    const tools: RawTool[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < maxPages; page += 1) {
      const params = cursor === undefined ? {} : { cursor };
      // Not `listTools()`, which parses the definitions and drops what it does not know.
      const answer = await this.client.request({ method: 'tools/list', params }, RawTools, { signal });
      tools.push(...answer.tools);
      if (tools.length > maxTools) throw new Error(`it lists more than ${maxTools} tools`);
      cursor = answer.nextCursor;
      if (cursor === undefined) return { tools, meta: answer._meta };
    }
    throw new Error(`it lists its tools on more than ${maxPages} pages`);
  }

  /** @throws UpstreamUnavailable, UpstreamLost, UpstreamRefused, or the reason of the signal */
  async callTool(name: string, args: Readonly<Record<string, unknown>>, options: CallOptions): Promise<ToolAnswer> {
    if (!this.isOpen) throw new UpstreamUnavailable(this.server, 'it has ended');
    options.signal.throwIfAborted();
    try {
      const params = { name, arguments: { ...args }, _meta: { ...options.meta } };
      const result = await this.client.callTool(params, requestOptionsOf(name, options));
      return {
        content: result.content,
        ...(result.structuredContent !== undefined && { structuredContent: result.structuredContent }),
        isError: result.isError === true,
        ...(result._meta !== undefined && { meta: result._meta }),
      };
    } catch (error) {
      options.signal.throwIfAborted();
      throw this.translated(error);
    }
  }

  /** @throws Error when the server does not answer in time */
  async ping(limitMs: number): Promise<void> {
    const options = { timeout: limitMs };
    await (this.era === 'modern' ? this.client.discover(options) : this.client.ping(options));
  }

  async close(): Promise<void> {
    this.isOpen = false;
    await this.client.close();
  }

  private translated(error: unknown): Error {
    if (error instanceof ProtocolError) return new UpstreamRefused(this.server, error.code, error.message);
    if (error instanceof SdkHttpError && error.data.status < 500)
      return new UpstreamUnavailable(this.server, `it answered HTTP ${error.data.status}`);
    if (error instanceof SdkError) return this.translatedOfLibrary(error);
    return new UpstreamLost(this.server, true, error);
  }

  private translatedOfLibrary(error: SdkError): Error {
    if (error.code === SdkErrorCode.NotConnected) return new UpstreamUnavailable(this.server, 'it has ended');
    // It answered, but nothing that can be handed on.
    if (unusable.has(error.code)) return new UpstreamRefused(this.server, internalError, error.message);
    return new UpstreamLost(this.server, true, error);
  }

  // Servers of the new revision report changes on a stream that they may end at any time.
  private async follow(subscription: McpSubscription | undefined, onToolsChanged: () => void): Promise<void> {
    for (let current = subscription; current !== undefined && this.isOpen;) {
      if ((await current.closed) === 'local') return;
      await wait(relistenMs, undefined, { ref: false });
      const next: McpSubscription | undefined = await this.client
        .listen({ toolsListChanged: true })
        .catch(() => undefined);
      if (next !== undefined) onToolsChanged();
      current = next ?? current;
    }
  }
}

const requestOptionsOf = (name: string, { signal, onProgress }: CallOptions): CallToolRequestOptions => ({
  signal,
  timeout: noTimeLimit,
  // Without an output schema: results are checked once, by whoever keeps the schemas.
  toolDefinition: { name, inputSchema: { type: 'object' } },
  ...(onProgress && {
    onprogress: ({ progress, total, message }) => {
      onProgress({ done: progress, total, message });
    },
  }),
});
