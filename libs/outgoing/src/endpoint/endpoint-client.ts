// Requests to the one server that a configuration names, such as an object store. Where an operator named it, it may be in a
// private network, so addresses are not checked here; instead no other server can be asked, whatever the caller's library does.
// A server that a tenant named is asked at the addresses of a route, which was checked.
import { Agent, fetch as ask } from 'undici';

import { pinnedLookup } from '../address/route.js';
import { OutgoingRefused } from '../errors.js';

/** What the two sides of a TLS connection show each other, in PEM; the certificate of the server is always checked. */
export interface EndpointTls {
  /** Trusted instead of the authorities of the system. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Name in the certificate of the server, when it is not that of the URL. */
  readonly servername?: string;
}

export interface EndpointOptions {
  /** Milliseconds without a byte: until there is a connection, until there are headers, between parts of the body. */
  readonly idleMs: number;
  /** Bytes of an answer. */
  readonly maxBytes: number;
  /** Checked addresses, as of a route: connections go to these and to no other, whatever the name resolves to later. */
  readonly addresses?: readonly string[];
  /** Path of a socket of this machine that connections go to, instead of the host of the URL. */
  readonly socketPath?: string;
  readonly tls?: EndpointTls;
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
  constructor(endpoint: string, { idleMs, maxBytes, addresses, socketPath, tls }: EndpointOptions) {
    this.origin = new URL(endpoint).origin;
    this.agent = new Agent({
      connect: {
        ...tls,
        ...(addresses && { lookup: pinnedLookup(addresses) }),
        ...(socketPath !== undefined && { socketPath }),
        rejectUnauthorized: true,
        timeout: idleMs,
      },
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

  /** Waits for what still runs. */
  async close(): Promise<void> {
    await this.agent.close();
  }

  /** Ends what still runs. */
  async destroy(): Promise<void> {
    await this.agent.destroy();
  }
}
