// A fake DigitalOcean with a client of the server under test, for one spec file.
import { testClient, type TestAnswer, type TestCall, type TestClient } from '@pulser/mcp-server-kit/testing';

import { digitalocean } from '../src/server.js';
import { FakeDigitalOcean, token } from './fake-digitalocean.js';

export interface Calling {
  readonly fake: FakeDigitalOcean;
  readonly client: TestClient;
  call(tool: string, args?: Record<string, unknown>, call?: TestCall): Promise<TestAnswer>;
  stop(): Promise<void>;
}

export const variablesOf = (fake: FakeDigitalOcean): Record<string, string> => ({
  DIGITALOCEAN_TOKEN: token,
  DIGITALOCEAN_API_URL: fake.vendor.url,
});

export const calling = async (): Promise<Calling> => {
  const fake = await FakeDigitalOcean.start();
  const client = await testClient(digitalocean);
  return {
    fake,
    client,
    call: (tool, args = {}, call = {}) => client.call(tool, args, { variables: variablesOf(fake), ...call }),
    stop: async () => {
      await client.close();
      await fake.vendor.stop();
    },
  };
};
