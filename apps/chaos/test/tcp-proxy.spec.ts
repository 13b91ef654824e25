import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

import { eventually } from '@pulser/testing';

import { TcpProxy } from '../src/fleet/tcp-proxy.js';

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
});
