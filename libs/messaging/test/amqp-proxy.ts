import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

import { amqpUrl } from './rabbit-world.js';

type Purpose = 'publish' | 'consume';

interface Line {
  readonly client: Socket;
  readonly server: Socket;
  /** What the client said first, which names the connection. */
  head: string;
  frozen: boolean;
  breakNextAck: boolean;
}

const methodFrame = (classId: number, methodId: number, fields: Buffer): Buffer => {
  const frame = Buffer.alloc(7 + 4 + fields.length + 1);
  frame.writeUInt8(1, 0);
  frame.writeUInt32BE(4 + fields.length, 3);
  frame.writeUInt16BE(classId, 7);
  frame.writeUInt16BE(methodId, 9);
  fields.copy(frame, 11);
  frame.writeUInt8(0xce, frame.length - 1);
  return frame;
};

const shortString = (text: string): Buffer => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);

// Class 60, method 80; its frame is 21 bytes long.
const ackMethod = Buffer.from([0, 60, 0, 80]);

/** Replaces the delivery tag of the first acknowledgement in these bytes by one that does not exist. */
const withWrongTag = (bytes: Buffer): Buffer | undefined => {
  const at = bytes.indexOf(ackMethod);
  if (at < 7 || bytes.length < at + 13) return undefined;
  const changed = Buffer.from(bytes);
  changed.writeBigUInt64BE(999_999n, at + 4);
  return changed;
};

/** Stands between clients and the real broker, and does to their connections what networks and brokers do. */
export class AmqpProxy {
  private readonly lines = new Set<Line>();
  private server: Server | undefined;
  private port = 0;

  get url(): string {
    const url = new URL(amqpUrl());
    url.host = `127.0.0.1:${this.port}`;
    return url.href;
  }

  get connections(): number {
    return this.lines.size;
  }

  /** What the clients call their connections. */
  get names(): string[] {
    return [...this.lines].map(({ head }) => /\w+ \((publish|consume)\)/.exec(head)?.[0] ?? '').sort();
  }

  /** Listens on the port it had before, if it had one. */
  async listen(): Promise<this> {
    const server = (this.server = createServer((client) => {
      this.join(client);
    }));
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    return this;
  }

  /** Nobody is there any more. */
  async stop(): Promise<void> {
    const { server } = this;
    this.cut();
    if (server?.listening === true) await new Promise((resolve) => server.close(resolve));
  }

  cut(purpose?: Purpose): void {
    for (const { client, server } of this.those(purpose)) {
      client.destroy();
      server.destroy();
    }
  }

  /** No byte passes, in either direction; nobody is told. */
  freeze(purpose?: Purpose): void {
    for (const line of this.those(purpose)) this.setFrozen(line, true);
  }

  thaw(): void {
    for (const line of this.lines) this.setFrozen(line, false);
  }

  /** As the broker does when it runs out of memory. */
  block(purpose: Purpose): void {
    const frame = methodFrame(10, 60, shortString('low on memory'));
    for (const { client } of this.those(purpose)) client.write(frame);
  }

  unblock(purpose: Purpose): void {
    for (const { client } of this.those(purpose)) client.write(methodFrame(10, 61, Buffer.alloc(0)));
  }

  /** The broker closes a channel on which somebody acknowledges what was not delivered. */
  breakNextAck(): void {
    for (const line of this.those('consume')) line.breakNextAck = true;
  }

  private those(purpose?: Purpose): Line[] {
    return [...this.lines].filter(({ head }) => purpose === undefined || head.includes(`(${purpose})`));
  }

  private setFrozen(line: Line, frozen: boolean): void {
    line.frozen = frozen;
    for (const socket of [line.client, line.server]) {
      if (frozen) socket.pause();
      else socket.resume();
    }
  }

  private join(client: Socket): void {
    const to = new URL(amqpUrl());
    const server = connect(Number(to.port), to.hostname);
    const line: Line = { client, server, head: '', frozen: false, breakNextAck: false };
    this.lines.add(line);
    client.setNoDelay(true);
    server.setNoDelay(true);
    client.on('data', (bytes) => server.write(this.fromClient(line, bytes)));
    server.on('data', (bytes) => client.write(bytes));
    for (const [socket, peer] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        peer.destroy();
        this.lines.delete(line);
      });
    }
  }

  private fromClient(line: Line, bytes: Buffer): Buffer {
    if (line.head.length < 2_000) line.head += bytes.toString('latin1');
    const changed = line.breakNextAck ? withWrongTag(bytes) : undefined;
    if (changed !== undefined) line.breakNextAck = false;
    return changed ?? bytes;
  }
}
