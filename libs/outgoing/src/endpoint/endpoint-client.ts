// Requests to the one server that an operator has named in the configuration, such as an object store. It may be in a private
// network, so addresses are not checked; instead no other server can be asked, whatever the caller's library does.
import { Agent, fetch as ask } from 'undici';

import { OutgoingRefused } from '../errors.js';

export interface EndpointOptions {
  /** Milliseconds without a byte: until there is a connection, until there are headers, between parts of the body. */
  readonly idleMs: number;
  /** Bytes of an answer. */
  readonly maxBytes: number;
}

const originOf = (input: string | URL | Request): string =>
  new URL(input instanceof Request ? input.url : input).origin;

/** `fetch` for one server: connections are kept, redirects are not followed, and proxy variables do not count. */
export class EndpointClient {
  private readonly origin: string;
  private readonly agent: Agent;
  /** As the global one. @throws OutgoingRefused for any other server; what undici throws, for a redirect too */
  readonly fetch: typeof globalThis.fetch;

  /** @param endpoint URL of the server; its path does not matter */
  constructor(endpoint: string, { idleMs, maxBytes }: EndpointOptions) {
    this.origin = new URL(endpoint).origin;
    this.agent = new Agent({
      connect: { rejectUnauthorized: true, timeout: idleMs },
      headersTimeout: idleMs,
      bodyTimeout: idleMs,
      maxResponseSize: maxBytes,
    });
    // The types of undici and those that come with Node describe the same objects.
    this.fetch = ((input, init) => this.ask(input, init)) as typeof globalThis.fetch;
  }

  private async ask(input: string | URL | Request, init: RequestInit | undefined): Promise<unknown> {
    const origin = originOf(input);
    if (origin !== this.origin) throw new OutgoingRefused('other_server', { origin });
    return ask(input as never, { ...init, redirect: 'error', dispatcher: this.agent } as never);
  }

  async close(): Promise<void> {
    await this.agent.close();
  }
}
