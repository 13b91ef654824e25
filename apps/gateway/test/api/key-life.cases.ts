import { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

/** A gateway knows a key again for this long, in milliseconds: the promise is "refused everywhere after a second". */
const promiseMs = 1_000;

describe('the end of a key, on two gateways', () => {
  let first: GatewayUnderTest;
  let second: GatewayUnderTest;
  let admin: Client;

  beforeAll(async () => {
    first = await sharedGateway();
    second = await first.beside();
    ({ client: admin } = await first.client());
  });

  afterAll(() => second.service.close());

  const onBoth = (key: string): Client[] => [first.url, second.url].map((url) => new Client(url, key));

  const statuses = async (clients: readonly Client[]): Promise<number[]> =>
    (await Promise.all(clients.map((client) => client.fetch('/api/v1/tasks')))).map(({ status }) => status);

  // Asks all the time, so that both gateways always have the key in memory. @returns milliseconds of the last acceptance
  const acceptedUntil = async (clients: readonly Client[]): Promise<number> => {
    const start = performance.now();
    let last = 0;
    for (let asked = start; asked < start + promiseMs; asked = performance.now()) {
      if ((await statuses(clients)).includes(200)) last = asked - start;
    }
    return last;
  };

  it('is known to both a second after its revocation', async () => {
    const { client, keyId } = await first.client('acme', { role: 'viewer' });
    const clients = onBoth(client.key ?? '');
    expect(await statuses(clients)).toEqual([200, 200]);
    await admin.call(`/api/v1/keys/${keyId}`, { method: 'DELETE' });
    const last = await acceptedUntil(clients);
    expect(await statuses(clients)).toEqual([401, 401]);
    process.stdout.write(`A revoked key was accepted for the last time after ${Math.round(last)} ms\n`);
  });

  it('is known to both a second after it has expired', async () => {
    const { client, keyId } = await first.client('acme', { role: 'viewer' });
    const clients = onBoth(client.key ?? '');
    expect(await statuses(clients)).toEqual([200, 200]);
    await first.database.query('update api_key set expires_at = now() where key_id = $1', [keyId]);
    await acceptedUntil(clients);
    expect(await statuses(clients)).toEqual([401, 401]);
  });
});
