import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { certificate, loopbackCertificate } from '@pulser/testing';
import { testClient } from '@pulser/mcp-server-kit/testing';

import { docker } from '../src/index.js';
import { FakeEngine } from './fake-engine/engine.js';
import type { Fault } from '@pulser/testing/vendor';
import { SampleEngine } from './sample-engine.js';

let sample: SampleEngine;

beforeAll(async () => {
  sample = await SampleEngine.start();
});

afterEach(() => {
  sample.engine.faults.clear();
});

afterAll(() => sample.close());

describe('the catalogue', () => {
  it('has 14 tools, with flags, schemas, examples, and nothing to configure', async () => {
    const client = await testClient(docker);
    expect(client.tools).toHaveLength(14);
    for (const tool of client.tools) {
      expect(tool.outputSchema).toBeDefined();
      expect(tool.annotations?.readOnlyHint).toBe(docker.tools.find(({ name }) => name === tool.name)?.flag === 'read');
    }
    await client.close();
  });

  it.each(docker.tools.map(({ name, examples }) => [name, examples[0]?.arguments ?? {}] as const))(
    '%s asks for an engine when there is none',
    async (name, args) => {
      const { error } = await sample.call(name, args, { variables: {} });
      expect(error).toMatchObject({
        code: 'not_configured',
        message: expect.stringContaining('DOCKER_HOST') as string,
      });
    },
  );

  it.each(['container_run', 'image_pull'])('%s asks for the list of allowed images', async (name) => {
    const variables = { DOCKER_HOST: sample.variables['DOCKER_HOST'] ?? '' };
    const { error } = await sample.call(name, { image: 'alpine' }, { variables });
    expect(error).toMatchObject({
      code: 'not_configured',
      message: expect.stringContaining('DOCKER_ALLOWED_IMAGES') as string,
    });
  });
});

describe('an address', () => {
  it('in a private network, and a socket, are refused to a tenant', async () => {
    const before = sample.engine.seen.length;
    const hosts = [
      `tcp://127.0.0.1:${sample.engine.port}`,
      'tcp://10.0.0.1:2375',
      'tcp://169.254.169.254',
      'https://[::1]:2376',
      'unix:///var/run/docker.sock',
    ];
    for (const DOCKER_HOST of hosts)
      expect(
        (await sample.call('container_list', {}, { variables: { DOCKER_HOST }, privateAddresses: false })).error?.code,
      ).toBe('refused');
    expect(sample.engine.seen.length).toBe(before);
  });

  it('in another form is named', async () => {
    for (const DOCKER_HOST of ['ssh://me@engine.test', 'engine'])
      expect((await sample.call('container_list', {}, { variables: { DOCKER_HOST } })).error).toMatchObject({
        code: 'not_configured',
        message: expect.stringContaining('DOCKER_HOST') as string,
      });
  });
});

describe('a socket', () => {
  it('is asked where the operator names it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'engine-'));
    const engine = await FakeEngine.start({ path: join(folder, 'docker.sock') });
    const variables = { DOCKER_HOST: `unix://${folder}/docker.sock` };
    expect((await sample.call('container_list', {}, { variables })).result).toEqual({
      containers: [],
      truncated: false,
    });
    await engine.close();
    expect((await sample.call('container_list', {}, { variables })).error?.code).toBe('upstream_error');
    await rm(folder, { recursive: true });
  });
});

describe('an engine with TLS', () => {
  it('is asked with the certificates of the variables, when its own is the right one', async () => {
    const { cert, key } = loopbackCertificate;
    const engine = await FakeEngine.start({
      tls: { cert, key, ca: cert, requestCert: true, rejectUnauthorized: true },
    });
    const list = (parts: Record<string, string>) =>
      sample.call('container_list', {}, { variables: { DOCKER_HOST: `tcp://127.0.0.1:${engine.port}`, ...parts } });
    const client = { DOCKER_TLS_CERT: cert, DOCKER_TLS_KEY: key };
    expect((await list({ DOCKER_TLS_CA: cert, ...client })).result).toEqual({ containers: [], truncated: false });
    expect((await list({ DOCKER_TLS_CA: certificate.cert, ...client })).error).toMatchObject({
      code: 'upstream_error',
      message: expect.stringContaining('certificate') as string,
    });
    expect((await list({ DOCKER_TLS_CA: cert })).error?.code).toBe('upstream_error');
    expect((await list({})).error?.code).toBe('upstream_error');
    expect(engine.seen).toHaveLength(1);
    await engine.close();
  });
});

describe('an answer that is no success', () => {
  const of = 'GET /containers/json';
  const listed = async (fault: Omit<Fault, 'of'>) => {
    sample.engine.faults.add({ of, ...fault });
    return (await sample.call('container_list')).error;
  };

  it.each([
    [400, 'invalid_args'],
    [401, 'refused'],
    [403, 'refused'],
    [404, 'not_found'],
    [409, 'conflict'],
    [429, 'rate_limited'],
    [500, 'upstream_error'],
    [503, 'upstream_error'],
  ])('%i is %s', async (status, code) => {
    expect(await listed({ status, body: '{"message":"so it is"}' })).toEqual({ code, message: 'so it is' });
  });

  it.each<[string, Omit<Fault, 'of'>]>([
    ['truncated', { body: '[{"Id":', truncated: true }],
    ['no JSON', { body: 'hello' }],
    ['of another shape', { body: '{"a":1}' }],
    ['of a proxy', { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
  ])('%s is an error of the other side', async (_, fault) => {
    expect(await listed(fault)).toMatchObject({ code: 'upstream_error' });
  });

  it('is not read without an end', async () => {
    const body = `["${'x'.repeat(33 * 1_048_576)}"]`;
    expect(await listed({ body })).toMatchObject({ code: 'upstream_error' });
  });

  it('is not waited for when the caller has gone', async () => {
    sample.engine.faults.add({ of, silent: true });
    await expect(sample.call('container_list', {}, { signal: AbortSignal.timeout(200) })).rejects.toThrow();
  });
});
