import { connect, type AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:tls';

import { z } from 'zod';

import { amqpEnv, BrokerUnavailable } from '../src/index.js';
import { certificateFor, type Certificate } from './certificate.js';
import { amqpUrl, rabbitWorld } from './rabbit-world.js';

describe('a broker behind TLS', () => {
  const world = rabbitWorld();
  let certificate: Certificate;
  let stranger: Certificate;
  let server: Server;

  beforeAll(async () => {
    [certificate, stranger] = await Promise.all([certificateFor('localhost'), certificateFor('localhost')]);
    const { hostname, port } = new URL(amqpUrl());
    server = createServer(certificate, (client) => {
      const broker = connect(Number(port), hostname);
      for (const socket of [client, broker]) socket.on('error', () => undefined);
      client.pipe(broker).pipe(client);
    });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    await world.remove();
    await new Promise((resolve) => server.close(resolve));
    await Promise.all([certificate.remove(), stranger.remove()]);
  });

  const urlAt = (host: string): string => {
    const { username, password } = new URL(amqpUrl());
    return `amqps://${username}:${password}@${host}:${(server.address() as AddressInfo).port}`;
  };

  const failure = async (url: string, caFile: string): Promise<BrokerUnavailable> => {
    const { broker } = world.client({ url, caFile });
    const error: unknown = await broker.connect().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BrokerUnavailable);
    return error as BrokerUnavailable;
  };

  it('is trusted when AMQP_CA_FILE holds the authority behind its certificate', async () => {
    const { broker } = world.client({ url: urlAt('localhost'), caFile: certificate.file });
    await broker.connect();
    await broker.publish({ exchange: 'pulser.agents', routingKey: 'dash', body: Buffer.from('1'), mandatory: true });
    expect(await broker.depth('agent.dash')).toBe(1);
  });

  it.each([
    [
      'whose certificate another authority signed',
      'localhost',
      () => stranger.file,
      /^[^\n]*self-signed certificate[^\n]*$/,
    ],
    [
      'whose certificate nobody is known to have signed',
      'localhost',
      () => '',
      /^[^\n]*self-signed certificate[^\n]*$/,
    ],
    ['of another name', '127.0.0.1', () => certificate.file, /^[^\n]*IP: 127\.0\.0\.1 is not in the cert's list: \)$/],
  ])('%s is refused, with one line that says so', async (_case, host, caFile, line) => {
    expect((await failure(urlAt(host), caFile())).message).toMatch(line);
  });

  it('needs a file of authorities that can be read: the start says which variable is wrong', () => {
    const wrong = z.object(amqpEnv).safeParse({ AMQP_URL: urlAt('localhost'), AMQP_CA_FILE: '/nowhere/ca.pem' });
    expect(wrong.error?.issues).toMatchObject([{ path: ['AMQP_CA_FILE'], message: 'is not a file that can be read' }]);
  });
});
