import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

import { eventually } from '@pulser/testing';

import { connectionNameIn, TcpProxy } from '../src/fleet/tcp-proxy.js';

describe('TcpProxy', () => {
  let server: Server;
  let proxy: TcpProxy;
  let client: Socket;
  let heard: string;
  let atServer: string;

  beforeEach(async () => {
    atServer = '';
    heard = '';
    server = createServer((socket) => {
      socket.on('data', (bytes) => {
        atServer += bytes.toString();
        socket.write(bytes.toString().toUpperCase());
      });
      socket.on('error', () => undefined);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    proxy = await TcpProxy.to({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
    client = connect(proxy.port, '127.0.0.1');
    client.on('data', (bytes) => (heard += bytes.toString()));
    client.on('error', () => undefined);
    await once(client, 'connect');
    await said('hello', 'HELLO');
  });

  afterEach(async () => {
    client.destroy();
    await proxy.close();
    server.close();
  });

  const said = async (text: string, answer: string): Promise<void> => {
    client.write(text);
    await eventually(() => {
      expect(heard).toContain(answer);
    });
  };

  it('resets connections, so that the client sees an error and no goodbye', async () => {
    const failure = once(client, 'error');
    expect(proxy.reset()).toBe(1);
    const [error] = (await failure) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    await eventually(() => {
      expect(proxy.connections).toBe(0);
    });
  });

  it('holds what both sides say, and delivers it after the hold', async () => {
    proxy.hold(['up', 'down']);
    client.write('later');
    expect(atServer).toBe('hello');
    proxy.release();
    await said('', 'LATER');
  });

  it('holds one direction only: the server hears, the client does not', async () => {
    proxy.hold(['down']);
    client.write('oneway');
    await eventually(() => {
      expect(atServer).toContain('oneway');
    });
    expect(heard).not.toContain('ONEWAY');
  });

  it('holds connections that are made during the hold', async () => {
    proxy.hold(['up', 'down']);
    const second = connect(proxy.port, '127.0.0.1');
    await once(second, 'connect');
    second.write('second');
    await eventually(() => {
      expect(proxy.connections).toBe(2);
    });
    expect(atServer).toBe('hello');
    second.destroy();
  });

  it('keeps the order of what it delays', async () => {
    proxy.delay(50);
    client.write('a');
    await said('b', 'B');
    proxy.delay(0);
    await said('c', 'C');
    expect(atServer).toBe('helloabc');
  });

  it('tells the client late that the server is gone', async () => {
    const closed = once(client, 'close');
    await proxy.closeSlowly(20);
    await closed;
    await eventually(() => {
      expect(proxy.connections).toBe(0);
    });
  });

  it('ends the connection of a client whose server is not there', async () => {
    server.close();
    proxy.reset();
    const refused = connect(proxy.port, '127.0.0.1');
    refused.on('error', () => undefined);
    await once(refused, 'close');
  });

  describe('with AMQP connections', () => {
    const nameOf = (name: string): Buffer => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(name.length);
      return Buffer.concat([Buffer.from('connection_nameS'), length, Buffer.from(name)]);
    };

    const connected = async (name: string): Promise<Socket> => {
      const other = connect(proxy.port, '127.0.0.1');
      other.on('error', () => undefined);
      await once(other, 'connect');
      other.write(nameOf(name));
      return other;
    };

    const isDeaf = (name: string): boolean => name.endsWith('(consume)');

    it('reads the name that the client gives', () => {
      const bytes = Buffer.concat([Buffer.from('AMQP'), nameOf('dash (consume)'), Buffer.from('more')]);
      expect(connectionNameIn(bytes)).toBe('dash (consume)');
      expect(connectionNameIn(bytes.subarray(0, 30))).toBeUndefined();
      expect(connectionNameIn(Buffer.from('AMQP'))).toBeUndefined();
    });

    it('loses those with a name at the server, and their clients see nothing of it', async () => {
      const [publishing, consuming] = [await connected('dash (publish)'), await connected('dash (consume)')];
      await eventually(() => {
        expect(atServer).toContain('dash (publish)');
        expect(atServer).toContain('dash (consume)');
      });
      proxy.deafen(isDeaf);
      const later = await connected('dash (consume)');
      consuming.write('nobody hears this');
      publishing.write('still here');
      await eventually(() => {
        expect(atServer).toContain('still here');
      });
      expect(atServer).not.toContain('nobody hears this');
      expect([consuming.destroyed, later.destroyed, publishing.destroyed]).toEqual([false, false, false]);

      const learned = Promise.all([once(consuming, 'error'), once(later, 'error')]);
      proxy.hear();
      await learned;
      expect(publishing.destroyed).toBe(false);
      publishing.destroy();
    });
  });
});
