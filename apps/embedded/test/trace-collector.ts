import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An OpenTelemetry collector (OTLP over HTTP) that keeps what it is sent. */
export class TraceCollector {
  private readonly exports: Buffer[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.exports.push(Buffer.concat(chunks));
        response.end();
      });
    });
  }

  static async start(): Promise<TraceCollector> {
    const collector = new TraceCollector();
    collector.server.listen(0, '127.0.0.1');
    await once(collector.server, 'listening');
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  /** Services, of these, that sent a span of the trace. @param traceId 32 hexadecimal digits */
  servicesIn(traceId: string, services: readonly string[]): string[] {
    // In OTLP's protobuf a trace id is 16 plain bytes, and the service's name is plain text.
    const id = Buffer.from(traceId, 'hex');
    const found = this.exports.filter((body) => body.includes(id));
    return services.filter((name) => found.some((body) => body.includes(name)));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
