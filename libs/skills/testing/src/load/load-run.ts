// The load itself: autocannon over connections to one checked address.
import { isIP } from 'node:net';

import type { OutgoingHeaders, OutgoingRoute } from '@pulser/outgoing/client';
import type { Client, Options } from 'autocannon';

import { LatencyHistogram } from './latency-histogram.policy.js';

export interface Load {
  readonly url: URL;
  readonly via: OutgoingRoute;
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly headers: OutgoingHeaders;
  readonly body: string | undefined;
  readonly rate: number;
  readonly connections: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

/** What autocannon 9 does not declare: it opens a connection with this, also after each that ends. */
interface Connecting {
  _connect: () => void;
}

const timeoutS = 10;
const maxBodyBytes = 10_485_760;
/** Connections beyond one for each answer that may be opened, times the connections of the test. */
const spareConnections = 5;

/** Counts what happens. (autocannon's own results are made in main threads only, and in whole milliseconds.) */
export class LoadRun {
  readonly latencies = new LatencyHistogram();
  readonly byStatus: Record<string, number> = {};
  sent = 0;
  errors = 0;
  timeouts = 0;
  bytes = 0;
  seconds = 0;
  /** Why it ended before its time. */
  stoppedEarly: string | undefined;
  private opened = 0;
  private stop: () => void = () => undefined;

  constructor(private readonly load: Load) {}

  /** @throws the reason of the signal */
  async run(): Promise<void> {
    const { signal } = this.load;
    signal.throwIfAborted();
    const started = performance.now();
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    // Loaded by the first load test: nothing else needs its modules.
    const { default: autocannon } = await import('autocannon');
    const instance = autocannon(this.options(), (error: unknown) => {
      if (error instanceof Error) reject(error);
      else resolve(undefined);
    });
    this.stop = () => {
      // Part of the instance, and of its documentation; its types lack it.
      (instance as unknown as { readonly stop: () => void }).stop();
    };
    instance.on('response', (client, status, bytes, ms) => {
      this.answered(client, { status, bytes, ms });
    });
    signal.addEventListener('abort', this.stop, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', this.stop);
      this.seconds = (performance.now() - started) / 1_000;
    }
    signal.throwIfAborted();
  }

  private options(): Options {
    const { url, via, method, headers, body, rate, connections, seconds } = this.load;
    const [address = ''] = via.addresses;
    const host = isIP(address) === 6 ? `[${address}]` : address;
    const name = url.hostname.replace(/^\[(.*)\]$/, '$1');
    return {
      // The address that was checked: a name would be looked up again, and could mean another one by now.
      url: `${url.protocol}//${host}${url.port === '' ? '' : `:${url.port}`}${url.pathname}${url.search}`,
      ...(isIP(name) === 0 && { servername: name }),
      method,
      headers: { ...headers, host: url.host },
      ...(body !== undefined && { body }),
      // With less than one request a second and connection, autocannon would not bound the others at all.
      connections: Math.min(connections, rate),
      overallRate: rate,
      duration: seconds,
      timeout: timeoutS,
      bailout: Math.max(20, 2 * connections),
      setupClient: (client) => {
        this.watch(client);
      },
    };
  }

  // Called before the client opens its first connection.
  private watch(client: Client): void {
    let bodyBytes = 0;
    client.on('response', () => (bodyBytes = 0));
    const counted: { on: (event: string, listener: (what: unknown) => void) => unknown } = client as never;
    counted.on('request', () => (this.sent += 1));
    counted.on('timeout', () => (this.timeouts += 1));
    counted.on('connError', () => (this.errors += 1));
    counted.on('body', (chunk) => {
      bodyBytes += (chunk as Uint8Array).byteLength;
      if (bodyBytes > maxBodyBytes) this.end(`An answer has more than ${maxBodyBytes} bytes`);
    });
    this.boundConnections(client as unknown as Connecting);
  }

  // A connection that ends is replaced at once, however often: a host that closes them would get as many as it can take.
  private boundConnections(client: Connecting): void {
    const connect = client._connect.bind(client);
    client._connect = () => {
      const most = this.load.connections * spareConnections + this.latencies.total;
      if (this.opened < most) {
        this.opened += 1;
        connect();
      } else this.end('The host closes connections without an answer');
    };
  }

  private answered(
    _client: Client,
    { status, bytes, ms }: { readonly status: number; readonly bytes: number; readonly ms: number },
  ): void {
    this.byStatus[status] = (this.byStatus[status] ?? 0) + 1;
    this.bytes += bytes;
    this.latencies.add(ms);
  }

  private end(why: string): void {
    this.stoppedEarly ??= why;
    this.stop();
  }
}
