// Pulser's own API, asked with the key of whoever uses one of Pulser's own tools: its rights, limits and audit are those of
// the gateway, which alone acts for tenants.
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { EndpointClient } from '@pulser/outgoing';

import { McpCoordinatorEnv } from '../mcp-coordinator.env.js';

export interface ApiAnswer {
  readonly isRefused: boolean;
  readonly body: unknown;
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST';
  /** Below `/api/v1/`. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Longer than the longest poll. Milliseconds. */
const idleMs = 90_000;
const maxBytes = 8 * 1_024 * 1_024;

@Injectable()
export class PulserApi implements OnApplicationShutdown {
  private readonly client: EndpointClient;
  private readonly base: string;

  constructor(env: McpCoordinatorEnv) {
    this.base = `${env.PULSER_API_URL.replace(/\/+$/, '')}/api/v1/`;
    this.client = new EndpointClient(env.PULSER_API_URL, { idleMs, maxBytes });
  }

  /** @throws Error when the gateway cannot be reached, or does not answer in JSON */
  async ask(key: string, { method, path, body, headers }: ApiRequest, signal: AbortSignal): Promise<ApiAnswer> {
    const answer = await this.client.fetch(this.base + path, {
      method,
      signal,
      headers: {
        authorization: `Bearer ${key}`,
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { isRefused: !answer.ok, body: await answer.json() };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.client.close();
  }
}
