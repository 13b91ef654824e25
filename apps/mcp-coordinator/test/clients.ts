// Clients of both eras at /mcp.
import { Client as NewClient, StreamableHTTPClientTransport as NewTransport } from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

export interface CallAnswer {
  readonly content: unknown;
  readonly structuredContent?: unknown;
  readonly isError?: boolean | undefined;
  readonly _meta?: unknown;
}

/** What both have in common. */
export interface AnyClient {
  readonly revision: string | undefined;
  tools(): Promise<string[]>;
  call(name: string, args?: Record<string, unknown>, onProgress?: (done: number) => void): Promise<CallAnswer>;
  close(): Promise<void>;
}

const about = { name: 'spec', version: '1.0.0' };

const headersOf = (key: string) => ({ requestInit: { headers: { authorization: `Bearer ${key}` } } });

/** Speaks 2025-11-25. */
export const oldClient = async (url: string, key: string): Promise<AnyClient> => {
  const client = new OldClient(about);
  const transport = new OldTransport(new URL(url), headersOf(key));
  await client.connect(transport);
  return {
    revision: transport.protocolVersion,
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args = {}, onProgress) =>
      (await client.callTool({ name, arguments: args }, undefined, {
        ...(onProgress && {
          onprogress: ({ progress }) => {
            onProgress(progress);
          },
        }),
      })) as CallAnswer,
    close: () => client.close(),
  };
};

/** Speaks 2026-07-28. */
export const newClient = async (url: string, key: string): Promise<AnyClient> => {
  const client = new NewClient(about, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await client.connect(new NewTransport(new URL(url), headersOf(key)));
  return {
    revision: client.getNegotiatedProtocolVersion(),
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args = {}, onProgress) =>
      client.callTool(
        { name, arguments: args },
        {
          ...(onProgress && {
            onprogress: ({ progress }) => {
              onProgress(progress);
            },
          }),
        },
      ),
    close: () => client.close(),
  };
};

export const clients = [
  ['old', '2025-11-25', oldClient],
  ['new', '2026-07-28', newClient],
] as const;
