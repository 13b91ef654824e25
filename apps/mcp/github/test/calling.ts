// A fake GitHub with a client of the server under test, for one spec file.
import { testClient, type TestAnswer, type TestCall, type TestClient } from '@pulser/mcp-server-kit/testing';

import { github } from '../src/server.js';
import { repository, token } from './fake-answers.js';
import { FakeGitHub } from './fake-github.js';

export interface Calling {
  readonly fake: FakeGitHub;
  readonly client: TestClient;
  /** Calls a tool for acme/rockets. */
  call(tool: string, args?: Record<string, unknown>, call?: TestCall): Promise<TestAnswer>;
  stop(): Promise<void>;
}

export const variablesOf = (fake: FakeGitHub): Record<string, string> => ({
  GITHUB_TOKEN: token,
  GITHUB_API_URL: fake.vendor.url,
});

export const calling = async (): Promise<Calling> => {
  const fake = await FakeGitHub.start();
  const client = await testClient(github);
  return {
    fake,
    client,
    call: (tool, args = {}, { variables = {}, ...call } = {}) =>
      client.call(tool, { repository, ...args }, { variables: { ...variablesOf(fake), ...variables }, ...call }),
    stop: async () => {
      await client.close();
      await fake.vendor.stop();
    },
  };
};
