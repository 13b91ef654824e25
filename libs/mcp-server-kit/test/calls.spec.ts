import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { connectInProcess, maxResultBytes } from '../src/index.js';
import { testClient, type TestClient } from '../src/testing/index.js';

import { sampleServer } from './sample-server.js';

const secret = 'xoxb-a "very" secret token';

describe('a call of a tool', () => {
  const { definition } = sampleServer();
  let client: TestClient;
  let backend: Server;
  let url: string;

  beforeAll(async () => {
    client = await testClient(definition, { environment: { SAMPLE_TOKEN: 'of the process', HOME: '/root' } });
    backend = createServer((request, response) => {
      response.end(`hello ${request.url ?? ''}`);
    });
    await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(backend.address() as AddressInfo).port}/greeting`;
  });

  afterAll(async () => {
    await client.close();
    await new Promise((resolve) => backend.close(resolve));
  });

  it('is listed with its schemas, examples and what it may do', () => {
    const [order] = client.tools;
    expect(order).toMatchObject({
      name: 'order',
      inputSchema: {
        type: 'object',
        required: ['article', 'kind'],
        additionalProperties: false,
        examples: [{ article: 'chair', kind: 'new' }],
        properties: { count: { type: 'integer', minimum: 0, maximum: 10 } },
      },
      outputSchema: { properties: { number: { type: 'integer' } }, required: ['number'] },
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
    });
    expect(client.tools.find(({ name }) => name === 'wrong_shape')).toMatchObject({
      annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: false },
      _meta: { 'io.pulser/needs-host': true },
    });
  });

  it('has the variables that it brings, and those of the process only when it brings none', async () => {
    const [mine, none, empty] = await Promise.all([
      client.call('tenant', {}, { tenant: 'acme', idempotencyKey: 'k1', host: { secret: true } }),
      client.call('greeting'),
      client.call('token', {}, { variables: {} }),
    ]);
    // A tool that does not say that it needs it is told nothing of the host.
    expect(mine.result).toMatchObject({ tenant: 'acme', key: 'k1', host: null });
    expect(none.error).toEqual({ code: 'not_configured', message: 'SAMPLE_URL is not set: Address of the sample' });
    expect(empty.error).toEqual({ code: 'not_configured', message: 'SAMPLE_TOKEN is not set: A token of the sample' });
  });

  it('keeps the variables of callers apart that call at once', async () => {
    const tenants = Array.from({ length: 50 }, (_, index) => `${url}/${index}`);
    const answers = await Promise.all(
      tenants.map((SAMPLE_URL) => client.call('greeting', {}, { variables: { SAMPLE_URL } })),
    );
    expect(answers.map(({ result }) => result?.['text'])).toEqual(
      tenants.map((_, index) => `hello /greeting/${index}`),
    );
  });

  it('leads into a private network only with variables of the operator', async () => {
    const variables = { SAMPLE_URL: url };
    const [operators, tenants] = await Promise.all([
      client.call('greeting', {}, { variables }),
      client.call('greeting', {}, { variables, privateAddresses: false }),
    ]);
    expect(operators.result).toMatchObject({ text: 'hello /greeting' });
    expect(tenants.error?.code).toBe('refused');
  });

  it('reads no variable that the server does not declare', async () => {
    const { error } = await client.call('undeclared');
    expect(error).toEqual({ code: 'upstream_error', message: 'sample does not declare the variable HOME' });
  });

  it('says nothing of a secret, in errors and results', async () => {
    const variables = { SAMPLE_TOKEN: secret };
    const [failed, answered] = await Promise.all([
      client.call('leak', {}, { variables }),
      client.call('token', {}, { variables }),
    ]);
    expect(failed).toEqual({
      error: { code: 'upstream_error', message: '401 for ***' },
      text: 'upstream_error: 401 for ***',
    });
    expect(answered.result).toEqual({ token: '***', truncated: false });
    expect(answered.text).not.toContain('secret');
  });

  it('ends with its time although the tool goes on', async () => {
    const { error } = await client.call('deaf');
    expect(error).toEqual({ code: 'timeout', message: 'No answer within 50 ms' });
  });

  it('refuses a result of another shape than the listed one', async () => {
    const { error } = await client.call('wrong_shape');
    expect(error?.code).toBe('upstream_error');
    expect(error?.message).toContain('another shape than expected: number');
  });

  it('says when it may be tried again', async () => {
    expect(await client.call('busy')).toMatchObject({ error: { code: 'rate_limited', retry_after_s: 7 } });
  });

  it('cuts a list and the start of a text that are too long, and says so', async () => {
    const [list, text] = await Promise.all([client.call('long_list'), client.call('long_text')]);
    for (const { result, text: json } of [list, text]) {
      expect(result?.['truncated']).toBe(true);
      expect(Buffer.byteLength(json)).toBeLessThanOrEqual(maxResultBytes);
      expect(Buffer.byteLength(json)).toBeGreaterThan(maxResultBytes / 4);
    }
    expect((list.result?.['items'] as unknown[])[0]).toMatchObject({ id: 0 });
    expect(String(text.result?.['log'])).toMatch(/^"quoted"\n.*the end$/s);
  });

  it('refuses a result that is too long and cannot be cut', async () => {
    const { error } = await client.call('picture');
    expect(error).toMatchObject({ code: 'upstream_error' });
    expect(error?.message).toContain('ask for less');
  });

  it('is refused by the protocol when there is no such tool', async () => {
    await expect(client.call('none')).rejects.toThrow('Unknown tool: none');
  });

  it('is refused without its values when its _meta is wrong', async () => {
    const raw = new Client({ name: 'spec', version: '1.0.0' });
    await raw.connect(await connectInProcess(definition));
    const call = raw.callTool({ name: 'token', _meta: { 'io.pulser/variables': { SAMPLE_TOKEN: 12_345 } } });
    const { message } = (await call.then(String, (error: unknown) => error as Error)) as Error;
    expect(message).toContain('Invalid _meta');
    expect(message).not.toContain('12345');
    await raw.close();
  });
});
