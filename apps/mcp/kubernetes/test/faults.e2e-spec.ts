import type { Fault } from '@pulser/testing/vendor';
import { SampleCluster } from './sample-cluster.js';

let cluster: SampleCluster;

beforeAll(async () => {
  cluster = await SampleCluster.start();
});

afterEach(() => {
  cluster.api.faults.clear();
});

afterAll(() => cluster.close());

const status = (code: number, message: string, more: object = {}): string =>
  JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code, ...more });

const of = 'GET /api/v1/namespaces/web/pods';
const listed = async (fault: Omit<Fault, 'of'>) => {
  cluster.api.faults.add({ of, ...fault });
  return (await cluster.call('k8s_pod_list', { namespace: 'web' })).error;
};

describe('an answer that is no success', () => {
  it.each([
    [403, 'refused', 'pods is forbidden: User "x" cannot list resource "pods"'],
    [404, 'not_found', 'the server could not find the requested resource'],
    [409, 'conflict', 'the object has been modified'],
    [422, 'invalid_args', 'unable to parse requirement'],
    [500, 'upstream_error', 'etcdserver: leader changed'],
    [503, 'upstream_error', 'apiserver not ready'],
    [504, 'timeout', 'request did not complete within the allotted timeout'],
  ])('%i is %s', async (code, expected, message) => {
    expect(await listed({ status: code, body: status(code, message) })).toEqual({ code: expected, message });
  });

  it('says when it may be tried again', async () => {
    const body = status(429, 'too many requests', { details: { retryAfterSeconds: 9 } });
    expect(await listed({ status: 429, headers: { 'retry-after': '3' }, body })).toMatchObject({
      code: 'rate_limited',
      retry_after_s: 3,
    });
    expect(await listed({ status: 429, body })).toMatchObject({ code: 'rate_limited', retry_after_s: 9 });
  });

  it('may come from a proxy, in words of its own', async () => {
    const proxy = { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>bad gateway</html>' };
    expect(await listed(proxy)).toEqual({ code: 'upstream_error', message: 'The API server answered with status 502' });
  });
});

describe('an answer that is none', () => {
  it.each<[string, Omit<Fault, 'of'>, RegExp]>([
    ['truncated', { body: '{"kind":"PodList","apiVersion":"v1","items":[', truncated: true }, /No answer|not JSON/],
    ['no JSON', { body: 'hello' }, /not JSON/],
    ['another JSON', { body: '[1,2]' }, /another shape/],
    ['of the wrong content', { body: '{"kind":"PodList","apiVersion":"v1","items":"none"}' }, /another shape/],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, /No answer/],
  ])('%s is an error of the other side', async (_, fault, message) => {
    expect(await listed(fault)).toMatchObject({
      code: 'upstream_error',
      message: expect.stringMatching(message) as string,
    });
  });

  it('of an empty list may be null', async () => {
    cluster.api.faults.add({ of, body: '{"kind":"PodList","apiVersion":"v1","metadata":{},"items":null}' });
    expect(await cluster.result('k8s_pod_list', { namespace: 'web' })).toEqual({ pods: [], truncated: false });
  });

  it('is not waited for when the caller has gone', async () => {
    cluster.api.faults.add({ of, silent: true });
    const signal = AbortSignal.timeout(200);
    await expect(cluster.call('k8s_pod_list', { namespace: 'web' }, { signal })).rejects.toThrow();
  });

  it('of a server that is not there is an error of the other side', async () => {
    const variables = { ...cluster.variables, KUBERNETES_URL: 'http://127.0.0.1:9' };
    expect((await cluster.call('k8s_pod_list', {}, { variables })).error).toMatchObject({ code: 'upstream_error' });
  });
});
