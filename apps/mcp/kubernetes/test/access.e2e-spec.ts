import { certificate } from '@pulser/testing';
import { FakeApi } from '@pulser/testing/kubernetes';
import { testClient } from '@pulser/mcp-server-kit/testing';

import { kubernetes } from '../src/index.js';
import { SampleCluster } from './sample-cluster.js';

let cluster: SampleCluster;

beforeAll(async () => {
  cluster = await SampleCluster.start();
});

afterAll(() => cluster.close());

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const kubeconfig = (server: string, clusterFields: string, userFields: string): string => `
apiVersion: v1
kind: Config
current-context: main
contexts: [{name: main, context: {cluster: c, user: u, namespace: web}}]
clusters: [{name: c, cluster: {server: "${server}", ${clusterFields}}}]
users: [{name: u, user: {${userFields}}}]
`;

const listWith = (config: string, privateAddresses = true) =>
  cluster.call('k8s_pod_list', {}, { variables: { KUBERNETES_KUBECONFIG: config }, privateAddresses });

describe('the catalogue', () => {
  it('has 18 tools, with flags, schemas, examples, and nothing to configure', async () => {
    const client = await testClient(kubernetes);
    expect(client.tools.map(({ name }) => name)).toHaveLength(18);
    for (const tool of client.tools) {
      expect(tool.outputSchema).toBeDefined();
      expect(tool.annotations?.readOnlyHint).toBe(
        kubernetes.tools.find(({ name }) => name === tool.name)?.flag === 'read',
      );
    }
    await client.close();
  });

  it.each(kubernetes.tools.map(({ name, examples }) => [name, examples[0]?.arguments ?? {}] as const))(
    '%s asks for a credential when there is none',
    async (name, args) => {
      const { error } = await cluster.call(name, args, { variables: {} });
      expect(error).toMatchObject({
        code: 'not_configured',
        message: expect.stringContaining('KUBERNETES_KUBECONFIG') as string,
      });
    },
  );
});

describe('single variables', () => {
  it('need a token, and the right one', async () => {
    const variables = { KUBERNETES_URL: cluster.api.url };
    expect((await cluster.call('k8s_pod_list', {}, { variables })).error).toMatchObject({
      code: 'not_configured',
      message: expect.stringContaining('KUBERNETES_TOKEN') as string,
    });
    const { error, text } = await cluster.call(
      'k8s_pod_list',
      {},
      { variables: { ...variables, KUBERNETES_TOKEN: 'a-wrong-token' } },
    );
    expect(error).toEqual({ code: 'refused', message: 'The cluster does not accept the credential' });
    expect(text).not.toContain('a-wrong-token');
  });

  it('name the namespace of tools that are given none', async () => {
    const variables = { ...cluster.variables, KUBERNETES_NAMESPACE: 'web' };
    expect(await cluster.result('k8s_pod_list', {}, { variables })).toMatchObject({ pods: [{ namespace: 'web' }] });
  });
});

describe('a kubeconfig', () => {
  it('of a token is used, with its namespace', async () => {
    const { result } = await listWith(kubeconfig(cluster.api.url, '', `token: ${cluster.api.token}`));
    expect(result).toMatchObject({ pods: [{ namespace: 'web', name: 'shop-a' }] });
  });

  it.each([
    ['user', 'exec: {apiVersion: client.authentication.k8s.io/v1, command: touch, args: [/tmp/pwned]}', 'exec'],
    ['user', 'auth-provider: {name: gcp, config: {cmd-path: /bin/sh}}', 'auth-provider'],
    ['user', 'tokenFile: /etc/passwd', 'tokenFile'],
    ['user', 'client-certificate: /etc/passwd', 'client-certificate'],
    ['user', 'client-key: /etc/shadow', 'client-key'],
    ['cluster', 'certificate-authority: /etc/passwd', 'certificate-authority'],
    ['cluster', 'proxy-url: "http://127.0.0.1:3128"', 'proxy-url'],
    ['cluster', 'insecure-skip-tls-verify: true', 'certificate'],
  ])('with a %s of %s is refused', async (where, fields, named) => {
    const before = cluster.api.seen.length;
    const [clusterFields, userFields] = where === 'cluster' ? [fields, 'token: x'] : ['', fields];
    const { error } = await listWith(kubeconfig(cluster.api.url, clusterFields, userFields));
    expect(error).toMatchObject({ code: 'refused', message: expect.stringContaining(named) as string });
    expect(cluster.api.seen.length).toBe(before);
  });

  it.each([
    ['{', 'not YAML'],
    ['just a text', 'the file'],
    [kubeconfig('ftp://x', '', 'token: x'), 'server'],
    [kubeconfig('https://x', '', 'as-groups: [system:masters]'), 'as-groups'],
    [kubeconfig('https://x', '', 'token: x').replace('current-context: main', 'current-context: other'), '"other"'],
  ])('that says too little says what is missing: %#', async (config, message) => {
    expect((await listWith(config)).error).toMatchObject({
      code: 'not_configured',
      message: expect.stringContaining(message) as string,
    });
  });
});

describe('an address', () => {
  it('in a private network is refused to a tenant', async () => {
    const before = cluster.api.seen.length;
    for (const url of [
      cluster.api.url,
      'https://169.254.169.254:6443',
      'https://10.0.0.1:6443',
      'https://[::1]:6443',
    ]) {
      const { error } = await cluster.call(
        'k8s_pod_list',
        {},
        { variables: { KUBERNETES_URL: url, KUBERNETES_TOKEN: cluster.api.token }, privateAddresses: false },
      );
      expect(error?.code).toBe('refused');
      expect((await listWith(kubeconfig(url, '', `token: ${cluster.api.token}`), false)).error?.code).toBe('refused');
    }
    expect(cluster.api.seen.length).toBe(before);
  });
});

describe('a cluster with TLS', () => {
  let secure: FakeApi;

  beforeAll(async () => {
    secure = await FakeApi.start(certificate);
  });

  afterAll(() => secure.close());

  const ca = `certificate-authority-data: ${base64(certificate.cert)}`;

  it('is asked when its certificate is the one of the kubeconfig', async () => {
    const config = kubeconfig(secure.url, `${ca}, tls-server-name: files.test`, `token: ${secure.token}`);
    expect((await listWith(config)).result).toEqual({ pods: [], truncated: false });
  });

  it('is not asked when its certificate is another one, or has another name', async () => {
    for (const fields of ['', ca]) {
      const { error } = await listWith(kubeconfig(secure.url, fields, `token: ${secure.token}`));
      expect(error).toMatchObject({
        code: 'upstream_error',
        message: expect.stringContaining('certificate') as string,
      });
    }
    expect(secure.seen).toHaveLength(1);
  });
});
