import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const files = [
  { name: 'chart.png', mediaType: 'image/png', content: Buffer.from([0x89, 0x50, 0x00, 0xff]) },
  { name: 'chart.svg', mediaType: 'image/svg+xml', content: Buffer.from('<svg/>') },
  { name: 'rows ü/1.csv', mediaType: 'text/csv', content: Buffer.from('a,b\n') },
  { name: 'empty.bin', mediaType: 'application/octet-stream', content: Buffer.alloc(0) },
];

describe('the files that a task made', () => {
  let gateway: GatewayUnderTest;
  let client: Client;
  let base: string;

  beforeAll(async () => {
    gateway = await sharedGateway();
    const { client: owner, tenantId } = await gateway.client();
    client = owner;
    const taskId = await client.submit();
    const claim = await gateway.worker.claim(tenantId, taskId);
    for (const file of files) await gateway.worker.artifacts.put(claim, file);
    base = `/api/v1/tasks/${taskId}/artifacts`;
  });

  it('are listed with type, size and place, also while it runs', async () => {
    expect((await client.get(base)).body).toEqual([
      { name: 'chart.png', media_type: 'image/png', bytes: 4, href: `${base}/chart.png` },
      { name: 'chart.svg', media_type: 'image/svg+xml', bytes: 6, href: `${base}/chart.svg` },
      { name: 'empty.bin', media_type: 'application/octet-stream', bytes: 0, href: `${base}/empty.bin` },
      { name: 'rows ü/1.csv', media_type: 'text/csv', bytes: 4, href: `${base}/rows%20%C3%BC%2F1.csv` },
    ]);
  });

  it.each(files)(
    'come byte by byte under the place that the list says: $name',
    async ({ name, mediaType, content }) => {
      const answer = await client.fetch(`${base}/${encodeURIComponent(name)}`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe(mediaType);
      expect(answer.headers.get('content-length')).toBe(String(content.length));
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(content);
    },
  );

  it('are shown when they are pictures, and cannot run anything', async () => {
    const [png, svg, csv] = await Promise.all(
      ['chart.png', 'chart.svg', 'rows%20%C3%BC%2F1.csv'].map((name) => client.fetch(`${base}/${name}`)),
    );
    expect(png?.headers.get('content-disposition')).toBe('inline');
    expect(svg?.headers.get('content-disposition')).toBe('inline');
    expect(svg?.headers.get('content-security-policy')).toBe("default-src 'none'; style-src 'unsafe-inline'; sandbox");
    expect(csv?.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''rows%20%C3%BC%2F1.csv");
  });

  it('are not sent again to who has them', async () => {
    const first = await client.fetch(`${base}/chart.png`);
    const etag = first.headers.get('etag') ?? '';
    const again = await client.fetch(`${base}/chart.png`, { headers: { 'if-none-match': etag } });
    const other = await client.fetch(`${base}/chart.svg`, { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text(), other.status]).toEqual([304, '', 200]);
  });

  it('are not sent again to who says so as RFC 9110 allows: in a list, weak, or by `*`', async () => {
    const status = async (tag: string): Promise<number> =>
      (await client.fetch(`${base}/chart.png`, { headers: { 'if-none-match': tag } })).status;
    const etag = (await client.fetch(`${base}/chart.png`)).headers.get('etag') ?? '';
    for (const tag of ['*', ` * `, `W/${etag}`, `"a", ${etag}`, `"a,b",W/"c" , W/${etag}`, `${etag},${etag}`])
      expect([tag, await status(tag)]).toEqual([tag, 304]);
    for (const tag of ['', '"*"', etag.replaceAll('"', ''), `W/"a", "b"`, `"${etag}`, etag.toUpperCase()])
      expect([tag, await status(tag)]).toEqual([tag, 200]);
  });

  it.each(['nothing', '%00', '..%2Fchart.png'])('are not found under other names: %s', async (name) => {
    const answer = await client.get(`${base}/${name}`);
    expect([answer.status, answer.body]).toMatchObject([404, { code: 'not_found' }]);
  });
});
