import { createHash } from 'node:crypto';
import { connect } from 'node:net';

import type { DatasetRows } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';
import { parquet } from '../worker.js';

const hex = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');
const digest = (bytes: string | Buffer): string => `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`;

const csv = 'id,city\n1,Oslo\n2,\n';
const csvType = { 'content-type': 'text/csv' };

interface Accepted {
  readonly task_id: string;
  readonly dataset: { readonly href: string; readonly version_href: string };
  readonly upload: Record<string, unknown>;
}

describe('datasets', () => {
  let gateway: GatewayUnderTest;
  let client: Client;
  let viewer: Client;
  let other: Client;
  let tenantId: string;

  beforeAll(async () => {
    gateway = await sharedGateway();
    ({ client, tenantId } = await gateway.client());
    ({ client: viewer } = await gateway.client('acme', { role: 'viewer' }));
    ({ client: other } = await gateway.client('other'));
  });

  const put = (name: string, body: string, headers: Record<string, string> = csvType, query = '') =>
    client.call(`/api/v1/datasets/${name}${query}`, { method: 'PUT', body, headers });

  const payloadOf = async (taskId: string): Promise<unknown> =>
    (await client.get(`/api/v1/tasks/${taskId}`)).body['payload'];

  const made = async (name: string, from: readonly string[] = []): Promise<string> => {
    const taskId = await client.submit({ task_type: 'data_pipeline', payload: { operation: 'ingest' } });
    const claim = await gateway.worker.claim(tenantId, taskId);
    for (const reference of from)
      await gateway.database.query(
        `insert into data_use (tenant_id, task_id, asked, reference, sha256, bytes) values ($1, $2, $3, $3, $4, 5)`,
        [tenantId, taskId, reference, Buffer.alloc(32)],
      );
    await gateway.worker.makeDataset(tenantId, claim, name);
    await gateway.worker.results.complete(claim, {});
    return taskId;
  };

  const contents = async (): Promise<number> => {
    const [row] = await gateway.database.query<{ n: number }>(
      'select count(*)::int as n from content where tenant_id = $1',
      [tenantId],
    );
    return row?.n ?? -1;
  };

  describe('are made', () => {
    it('of a body, by a task that gets its hash, its format and the options', async () => {
      const { status, headers, body } = await put('sales', csv, csvType, '?options=%7B%22delimiter%22%3A%22%2C%22%7D');
      const accepted = body as unknown as Accepted;
      expect([status, headers.get('location')]).toEqual([202, `/api/v1/tasks/${accepted.task_id}`]);
      expect(accepted.dataset).toEqual({
        name: 'sales',
        href: '/api/v1/datasets/sales',
        version_href: `/api/v1/datasets/sales?made_by=${accepted.task_id}`,
      });
      expect(accepted.upload).toMatchObject({ sha256: hex(csv), bytes: csv.length, complete: true });
      expect(await payloadOf(accepted.task_id)).toEqual({
        operation: 'ingest',
        dataset: 'sales',
        source: { upload: hex(csv), format: 'csv', delimiter: ',' },
      });
    });

    it('of a body of any media type, whose format is then found in it', async () => {
      const { body } = await put('plain', csv, { 'content-type': 'application/octet-stream' });
      expect(await payloadOf(String(body['task_id']))).toMatchObject({ source: { upload: hex(csv) } });
      const json = await put('plain', '[{"id":1}]', { 'content-type': 'application/json' });
      expect(await payloadOf(String(json.body['task_id']))).toMatchObject({ source: { format: 'json' } });
      const named = await put('plain', csv, {}, '?format=ndjson');
      expect(await payloadOf(String(named.body['task_id']))).toMatchObject({ source: { format: 'ndjson' } });
    });

    it('once for an idempotency key', async () => {
      const headers = { ...csvType, 'idempotency-key': 'put-1' };
      const [first, second] = [await put('once', csv, headers), await put('once', csv, headers)];
      expect(second.body['task_id']).toBe(first.body['task_id']);
      expect(second.headers.get('idempotent-replayed')).toBe('true');
      expect(await put('once', `${csv}3,\n`, headers)).toMatchObject({ body: { code: 'idempotency_conflict' } });
    });

    it('of what is elsewhere: an upload, an artifact, a URL, as the operation takes it', async () => {
      for (const source of [{ upload: hex(csv) }, { url: 'https://example.com/a.csv', format: 'csv' }]) {
        const { status, body } = await client.call('/api/v1/datasets/elsewhere', { body: source });
        expect(status).toBe(202);
        expect(await payloadOf(String(body['task_id']))).toEqual({ operation: 'ingest', dataset: 'elsewhere', source });
      }
    });

    it.each([
      ['an empty body', 'sales', '', {}, '', 400, 'invalid_request'],
      ['a name that is none', 'Sales', csv, {}, '', 400, 'invalid_request'],
      ['a compressed body', 'sales', csv, { 'content-encoding': 'gzip' }, '', 415, 'unsupported_media_type'],
      ['options that are none', 'sales', csv, {}, '?options=%5B%5D', 400, 'invalid_request'],
      ['options that pollute', 'sales', csv, {}, '?options=%7B%22__proto__%22%3A1%7D', 400, 'invalid_request'],
      ['an unknown format', 'sales', csv, {}, '?format=pdf', 400, 'invalid_request'],
      ['a wrong digest', 'sales', csv, { 'content-digest': digest('other') }, '', 422, 'digest_mismatch'],
      ['a digest that is none', 'sales', csv, { 'content-digest': 'md5=:AA==:' }, '', 400, 'invalid_request'],
    ])('never of %s', async (_what, name, body, headers, query, status, code) => {
      const before = await contents();
      expect(await put(name, body, { ...csvType, ...headers }, query)).toMatchObject({ status, body: { code } });
      expect(await contents()).toBe(before);
    });

    it('never by a viewer, whose body is not read', async () => {
      const before = await contents();
      const answer = await viewer.call('/api/v1/datasets/sales', { method: 'PUT', body: csv, headers: csvType });
      expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      expect(await contents()).toBe(before);
    });
  });

  describe('uploads', () => {
    const part = (by: Client, sha256: string, offset: number, body: string, headers: Record<string, string> = {}) =>
      by.call(`/api/v1/uploads/${sha256}`, {
        method: 'PATCH',
        body,
        headers: { 'content-type': 'application/partial-upload', 'upload-offset': String(offset), ...headers },
      });

    it('go on where they ended, and are whole when they have their hash', async () => {
      const text = `a,b\n${'1,2\n'.repeat(100)}`;
      const sha256 = hex(text);
      const path = `/api/v1/uploads/${sha256}`;
      expect((await client.get(path)).status).toBe(404);
      const first = await part(client, sha256, 0, text.slice(0, 50), { 'upload-complete': '?0' });
      expect(first.body).toMatchObject({ bytes: 50, complete: false, links: { self: path } });
      expect([first.headers.get('upload-offset'), first.headers.get('upload-complete')]).toEqual(['50', '?0']);
      const wrong = await part(client, sha256, 40, text.slice(40));
      expect(wrong).toMatchObject({ status: 409, body: { code: 'upload_offset_mismatch', offset: 50 } });
      const head = await client.fetch(path, { method: 'HEAD' });
      expect([head.status, head.headers.get('upload-offset')]).toEqual([200, '50']);
      expect(await part(client, sha256, 50, text.slice(50))).toMatchObject({
        body: { bytes: text.length, complete: true },
      });
      // It is there: nothing is sent again.
      const again = await client.call('/api/v1/datasets/resumed', {
        method: 'PUT',
        body: '',
        headers: { ...csvType, 'content-digest': digest(text) },
      });
      expect([again.status, again.body['upload']]).toMatchObject([202, { sha256, bytes: text.length }]);
    });

    it('keep what came before the connection broke', async () => {
      const text = 'x'.repeat(300_000);
      const sha256 = hex(text);
      const { hostname, port } = new URL(gateway.url);
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      socket.write(
        `PATCH /api/v1/uploads/${sha256} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${client.key ?? ''}\r\n` +
          `Upload-Offset: 0\r\nContent-Length: ${text.length}\r\n\r\n${text.slice(0, 100_000)}`,
      );
      // Its row is there as soon as the first byte is.
      await eventually(async () => {
        expect((await client.get(`/api/v1/uploads/${sha256}`)).status).toBe(200);
      });
      socket.destroy();
      const kept = await eventually(async () => {
        const { body } = await client.get<{ bytes: number }>(`/api/v1/uploads/${sha256}`);
        expect(body.bytes).toBeGreaterThan(0);
        return body.bytes;
      });
      expect(kept).toBeLessThanOrEqual(100_000);
      expect(await part(client, sha256, kept, text.slice(kept))).toMatchObject({ body: { complete: true } });
    });

    it('with another hash in the end are forgotten', async () => {
      const sha256 = hex('what was said');
      expect(await part(client, sha256, 0, 'what came')).toMatchObject({
        status: 422,
        body: { code: 'digest_mismatch' },
      });
      expect((await client.get(`/api/v1/uploads/${sha256}`)).status).toBe(404);
    });

    it('of another tenant are not there, by their hash neither', async () => {
      const sha256 = hex(csv);
      expect((await other.get(`/api/v1/uploads/${sha256}`)).status).toBe(404);
      const headers = { ...csvType, 'content-digest': digest(csv) };
      const empty = await other.call('/api/v1/datasets/mine', { method: 'PUT', body: '', headers });
      expect(empty).toMatchObject({ status: 422, body: { code: 'digest_mismatch' } });
    });

    it.each([
      [{ 'upload-offset': '-1' }, 400],
      [{ 'upload-offset': '0', 'upload-complete': 'yes' }, 400],
      [{ 'upload-offset': '9007199254740993' }, 400],
    ])('refuse headers that are none: %j', async (headers, status) => {
      expect((await part(client, hex('odd'), 0, 'odd', headers as never)).status).toBe(status);
    });
  });

  describe('are shown', () => {
    it('in a list that stays stable, the newest first', async () => {
      const { client: own, tenantId: id } = await gateway.client('lister');
      for (const name of ['a', 'b', 'c']) {
        const taskId = await own.submit();
        await gateway.worker.makeDataset(id, await gateway.worker.claim(id, taskId), name);
      }
      const first = await own.get<{ datasets: { name: string }[]; next_cursor: string }>('/api/v1/datasets?limit=2');
      expect(first.body.datasets.map(({ name }) => name)).toEqual(['c', 'b']);
      expect(first.body.datasets[0]).toMatchObject({
        versions: 1,
        bytes: parquet.length,
        latest: { version: 1, rows: 2, rejected: 1 },
        links: { self: '/api/v1/datasets/c' },
      });
      const rest = await own.get(`/api/v1/datasets?limit=2&cursor=${first.body.next_cursor}`);
      expect(rest.body).toMatchObject({ datasets: [{ name: 'a' }], next_cursor: null });
      expect((await own.get('/api/v1/datasets?prefix=b')).body).toMatchObject({ datasets: [{ name: 'b' }] });
      expect((await own.get('/api/v1/datasets?prefix=%25')).body).toMatchObject({ datasets: [] });
      expect((await other.get('/api/v1/datasets')).body).toEqual({ datasets: [], next_cursor: null });
    });

    it('with their versions, and a version with where it came from and who read it', async () => {
      const first = await made('lineage', [`upload:${hex(csv)}`]);
      const second = await made('lineage', ['dataset:lineage@1']);
      const { body } = await client.get<{ versions: object[] }>('/api/v1/datasets/lineage?limit=1');
      const self = '/api/v1/datasets/lineage/versions/2';
      const latest = {
        version: 2,
        reference: 'dataset:lineage@2',
        sha256: hex(parquet),
        bytes: parquet.length,
        columns: [
          { name: 'id', type: 'BIGINT' },
          { name: 'city', type: 'VARCHAR' },
        ],
        made_by: second,
        links: { self, rows: `${self}/rows`, content: `${self}/content` },
      };
      expect(body).toMatchObject({ name: 'lineage', versions: [latest], next_before: 2 });
      expect((await client.get('/api/v1/datasets/lineage?limit=1&before=2')).body).toMatchObject({
        versions: [{ version: 1 }],
      });
      expect((await client.get(`/api/v1/datasets/lineage?made_by=${first}`)).body).toMatchObject({
        versions: [{ version: 1 }],
        next_before: null,
      });
      const use = { bytes: 5, sha256: '0'.repeat(64) };
      expect((await client.get('/api/v1/datasets/lineage/versions/1')).body).toMatchObject({
        made_from: [{ ...use, task_id: first, reference: `upload:${hex(csv)}` }],
        used_by: [{ ...use, task_id: second, reference: 'dataset:lineage@1' }],
        report: { note: 'as it came' },
      });
    });

    it('by their first rows', async () => {
      await made('rows');
      expect((await viewer.get('/api/v1/datasets/rows/versions/1/rows')).body).toEqual({
        columns: [
          { name: 'id', type: 'BIGINT' },
          { name: 'city', type: 'VARCHAR' },
        ],
        rows: [
          [1, 'Oslo'],
          [2, null],
        ],
        total_rows: 2,
        next_offset: null,
      });
      const second = (await viewer.get<DatasetRows>('/api/v1/datasets/rows/versions/1/rows?offset=1&limit=1')).body;
      expect([second.rows, second.next_offset]).toEqual([[[2, null]], null]);
      const beyond = await viewer.get<DatasetRows>('/api/v1/datasets/rows/versions/1/rows?offset=2');
      expect([beyond.status, beyond.body.rows, beyond.body.next_offset]).toEqual([200, [], null]);
      expect((await viewer.get('/api/v1/datasets/rows/versions/1/rows?limit=501')).status).toBe(400);
    });

    it('by rows that were not kept, read by a task once', async () => {
      const claim = await gateway.worker.claim(tenantId, await client.submit());
      await gateway.worker.makeDataset(tenantId, claim, 'long', undefined, 5);
      const path = '/api/v1/datasets/long/versions/1/rows';
      expect((await viewer.get<DatasetRows>(path)).body.next_offset).toBe(2);
      const waiting = viewer.get<DatasetRows>(`${path}?offset=2&limit=2`);
      const task = await eventually(async () => {
        const [row] = await gateway.database.query<{ task_id: string; payload: object }>(
          `select task_id, payload from task_queue where tenant_id = $1 and payload ->> 'sql' like 'from version%'`,
          [tenantId],
        );
        expect(row?.payload).toMatchObject({
          sources: [{ name: 'version', dataset: 'dataset:long@1' }],
          sql: 'from version limit 2 offset 2',
          max_rows: 2,
        });
        return row?.task_id ?? '';
      });
      const rows = [
        [3, 'Bergen'],
        [4, 'Tromsø'],
      ];
      await gateway.worker.complete(tenantId, task, { rows });
      expect((await waiting).body).toMatchObject({ rows, total_rows: 5, next_offset: 4 });
      // From the same task, at once.
      expect((await client.get<DatasetRows>(`${path}?offset=2&limit=2`)).body.rows).toEqual(rows);
    });

    it('as a file, whole or in part', async () => {
      await made('file');
      const path = '/api/v1/datasets/file/versions/1/content';
      const answer = await viewer.fetch(path);
      const etag = answer.headers.get('etag') ?? '';
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'content-type': 'application/vnd.apache.parquet',
        'content-length': String(parquet.length),
        'content-disposition': 'attachment; filename="file-v1.parquet"',
        'accept-ranges': 'bytes',
        'x-content-type-options': 'nosniff',
      });
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(parquet);
      const head = await viewer.fetch(path, { method: 'HEAD' });
      expect([head.headers.get('content-length'), await head.text()]).toEqual([String(parquet.length), '']);
      const ask = async (headers: Record<string, string>) => {
        const got = await viewer.fetch(path, { headers });
        return [got.status, got.headers.get('content-range'), (await got.text()).slice(0, 20)];
      };
      expect(await ask({ range: 'bytes=4-8' })).toEqual([206, `bytes 4-8/${parquet.length}`, '01234']);
      const end = `bytes ${parquet.length - 4}-${parquet.length - 1}/${parquet.length}`;
      expect(await ask({ range: 'bytes=-4', 'if-range': etag })).toEqual([206, end, 'PAR1']);
      expect(await ask({ range: 'bytes=-4', 'if-range': '"other"' })).toEqual([200, null, 'PAR10123456789012345']);
      const beyond = await ask({ range: `bytes=${parquet.length}-` });
      expect(beyond.slice(0, 2)).toEqual([416, `bytes */${parquet.length}`]);
      expect(await ask({ 'if-none-match': etag })).toEqual([304, null, '']);
    });

    it('as CSV, by a task that writes the file once', async () => {
      await made('exported');
      const path = '/api/v1/datasets/exported/versions/1/content?format=csv';
      const waiting = viewer.fetch(path);
      const task = await eventually(async () => {
        const [row] = await gateway.database.query<{ task_id: string; payload: object }>(
          `select task_id, payload from task_queue where tenant_id = $1 and payload ->> 'operation' = 'export'`,
          [tenantId],
        );
        expect(row?.payload).toEqual({ operation: 'export', dataset: 'dataset:exported@1', format: 'csv' });
        return row?.task_id ?? '';
      });
      const claim = await gateway.worker.claim(tenantId, task);
      await gateway.worker.artifacts.put(claim, { name: 'x.csv', mediaType: 'text/csv', content: Buffer.from(csv) });
      await gateway.worker.results.complete(claim, {});
      const answer = await waiting;
      expect([answer.status, await answer.text()]).toEqual([200, csv]);
      expect(answer.headers.get('content-disposition')).toBe('attachment; filename="exported-v1.csv"');
      // From the same task, at once.
      expect(await (await client.fetch(path)).text()).toBe(csv);
    });
  });

  it('that cannot be written as CSV say why, and are tried again for whoever asks again', async () => {
    await made('stubborn');
    const path = '/api/v1/datasets/stubborn/versions/1/content?format=ndjson';
    const next = async (known: readonly string[]): Promise<string> =>
      eventually(async () => {
        const rows = await gateway.database.query<{ task_id: string }>(
          `select task_id from task_queue where tenant_id = $1 and payload ->> 'dataset' = 'dataset:stubborn@1'
             and task_id <> all ($2)`,
          [tenantId, known],
        );
        expect(rows).toHaveLength(1);
        return rows[0]?.task_id ?? '';
      });
    const waiting = client.call(path);
    const first = await next([]);
    const failure = { code: 'resource_limit', message: 'Too much', permanent: true };
    await gateway.worker.results.fail(await gateway.worker.claim(tenantId, first), failure);
    expect(await waiting).toMatchObject({
      status: 409,
      body: { code: 'conflict', detail: 'Too much', task_id: first, task_error: 'resource_limit' },
    });
    const again = client.fetch(path);
    const claim = await gateway.worker.claim(tenantId, await next([first]));
    await gateway.worker.artifacts.put(claim, { name: 'x', mediaType: 'text/plain', content: Buffer.from('{}') });
    await gateway.worker.results.complete(claim, {});
    expect(await (await again).text()).toBe('{}');
  });

  describe('are deleted', () => {
    it('by version, whose number is not given again, and whose file is gone', async () => {
      await made('less');
      await made('less');
      const before = await contents();
      const path = '/api/v1/datasets/less/versions/2';
      expect((await viewer.fetch(path, { method: 'DELETE' })).status).toBe(403);
      expect((await client.fetch(path, { method: 'DELETE' })).status).toBe(204);
      expect((await client.get(path)).status).toBe(404);
      expect(await contents()).toBe(before - 1);
      await made('less');
      const { body } = await client.get<{ versions: { version: number }[] }>('/api/v1/datasets/less');
      expect(body.versions.map(({ version }) => version)).toEqual([3, 1]);
    });

    it('with all their versions, and it stands in the audit trail who did it', async () => {
      await made('gone');
      await made('gone');
      const before = await contents();
      expect((await client.fetch('/api/v1/datasets/gone', { method: 'DELETE' })).status).toBe(204);
      expect((await client.get('/api/v1/datasets/gone')).status).toBe(404);
      expect(await contents()).toBe(before - 2);
      const { body } = await client.get<{ entries: object[] }>('/api/v1/audit?action=dataset.deleted');
      expect(body.entries[0]).toMatchObject({ action: 'dataset.deleted', targets: ['gone'], actor: { kind: 'key' } });
    });
  });

  it('of another tenant are answered like those that nobody has', async () => {
    await made('secret');
    const answers = async (name: string) =>
      Promise.all(
        [
          ['GET', ''],
          ['DELETE', ''],
          ['GET', '/versions/1'],
          ['DELETE', '/versions/1'],
          ['GET', '/versions/1/rows'],
          ['GET', '/versions/1/content'],
          ['GET', '/versions/1/content?format=csv'],
        ].map(async ([method = '', rest = '']) => {
          const answer = await other.fetch(`/api/v1/datasets/${name}${rest}`, { method });
          return [method, rest, answer.status, ((await answer.json()) as { detail: string }).detail];
        }),
      );
    const [theirs, nobodys] = [await answers('secret'), await answers('nothing')];
    expect(theirs).toEqual(nobodys);
    expect(theirs.map(([, , status]) => status)).toEqual(theirs.map(() => 404));
    expect((await client.get('/api/v1/datasets/secret')).status).toBe(200);
  });
});

describe('a large file that a task made', () => {
  it('comes from the store of large files, whole or in part', async () => {
    const gateway = await sharedGateway();
    const { client, tenantId } = await gateway.client('large');
    const taskId = await client.submit();
    const claim = await gateway.worker.claim(tenantId, taskId);
    const bytes = Buffer.alloc(2_500_000, 'abcdefg');
    const source = async function* (): AsyncGenerator<Buffer> {
      yield await Promise.resolve(bytes);
    };
    const limits = { maxBytes: Infinity, usualQuota: 100_000_000 };
    const { contentId } = await gateway.worker.contents.write(tenantId, source(), limits);
    const artifact = { name: 'big.bin', mediaType: 'application/octet-stream', contentId, bytes: bytes.length };
    expect(await gateway.worker.artifacts.putLarge(claim, artifact)).toBe(true);
    const path = `/api/v1/tasks/${taskId}/artifacts/big.bin`;
    const answer = await client.fetch(path);
    expect(answer.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''big.bin");
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    const part = await client.fetch(path, { headers: { range: 'bytes=1048570-1048590' } });
    expect([part.status, await part.text()]).toEqual([206, bytes.toString('latin1', 1_048_570, 1_048_591)]);
    expect((await client.get(`/api/v1/tasks/${taskId}`)).body).toMatchObject({ artifacts: [{ bytes: bytes.length }] });
  });
});
