import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Batch {
  readonly path: string;
  readonly type: string | undefined;
  readonly body: Buffer;
}

/** A collector that keeps what it is sent, undecoded. */
export class OtlpReceiver {
  readonly batches: Batch[] = [];
  private readonly server: Server = createServer((request, response) => {
    void buffer(request).then((body) => {
      this.batches.push({ path: request.url ?? '', type: request.headers['content-type'], body });
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Whether an id (hex) or a text was received: both stand in protobuf as they are. */
  has(text: string, encoding: 'hex' | 'utf8' = 'utf8'): boolean {
    return this.batches.some(({ body }) => body.includes(Buffer.from(text, encoding)));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
