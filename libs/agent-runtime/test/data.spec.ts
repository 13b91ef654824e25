import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Contents, PieceStores, Tenants, Uploads } from '@pulser/context-bus';
import type { Database } from '@pulser/database';
import { eventually } from '@pulser/testing';

import { dataSkill } from './data.skill.js';
import { Worker } from './worker.js';

const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

const bytesOf = async function* (text: string): AsyncGenerator<Buffer> {
  yield await Promise.resolve(Buffer.from(text));
};

const contentsOn = async (database: Database, folder?: string): Promise<Contents> =>
  new Contents(
    database,
    await PieceStores.open(database, {
      CONTENT_STORE: folder === undefined ? 'database' : 'files',
      CONTENT_DIR: folder,
      S3_REGION: '',
      CONTENT_QUOTA_BYTES: 1_000_000,
    }),
  );

describe.each(['database', 'files'])('data of tasks, kept in the store %s', (store) => {
  let worker: Worker;
  let folder: string;
  let contents: Contents;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'data-spec-'));
    const content = join(folder, 'content');
    worker = await Worker.start(
      { CONTENT_STORE: store, CONTENT_DIR: content, CONTENT_QUOTA_BYTES: '20000000', CONCURRENCY: '4' },
      dataSkill,
    );
    contents = await contentsOn(worker.database, store === 'files' ? content : undefined);
  });

  afterAll(async () => {
    await worker.stop();
    await rm(folder, { recursive: true });
  });

  const result = async (payload: Record<string, unknown>): Promise<Record<string, never>> =>
    (await worker.run(payload, 'completed')).result as Record<string, never>;

  const failure = async (payload: Record<string, unknown>): Promise<unknown> =>
    (await worker.run(payload, 'failed', 'retrying')).error;

  const again = async (taskId: string): Promise<void> => {
    await worker.server.query('update task_queue set due_at = now() where task_id = $1', [taskId]);
    await eventually(async () => {
      expect(await worker.sweep.promoteScheduled(10)).toHaveLength(1);
    });
    await worker.dispatch(taskId);
  };

  const uses = (taskId: string): Promise<object[]> =>
    worker.server.query('select asked, reference from data_use where task_id = $1 order by asked', [taskId]);

  it('is numbered by version, and opened by name or by version', async () => {
    const one = await result({ operation: 'make', dataset: 'sales', text: 'one' });
    const facts = { name: 'sales', rows: 1, columns: [{ name: 'id', type: 'BIGINT' }] };
    const createdAt = expect.stringMatching(/^\d{4}-.*Z$/) as string;
    expect(one).toMatchObject({
      kept: [
        {
          ...facts,
          version: 1,
          createdAt,
          reference: 'dataset:sales@1',
          bytes: 16,
          sha256: sha256('PAR1onemeta PAR1'),
        },
      ],
    });
    await result({ operation: 'make', dataset: 'sales', text: 'two' });
    const latest = await worker.run({ operation: 'look', at: 'dataset:sales' }, 'completed');
    expect(latest.result).toMatchObject({
      reference: 'dataset:sales@2',
      mediaType: 'application/vnd.apache.parquet',
      bytes: 16,
      sha256: sha256('PAR1twometa PAR1'),
      dataset: { ...facts, version: 2 },
      same: true,
      mode: 0o400,
    });
    expect(await uses(latest.taskId)).toEqual([{ asked: 'dataset:sales', reference: 'dataset:sales@2' }]);
    const { read } = await result({ operation: 'make', dataset: 'both', from: ['dataset:sales@1', 'dataset:sales@2'] });
    expect(read).toEqual(['PAR1onemeta PAR1', 'PAR1twometa PAR1']);
    expect(await result({ operation: 'describe', what: 'dataset:sales@1' })).toMatchObject({ ...facts, version: 1 });
  });

  it('has what its task said of it', async () => {
    await result({ operation: 'make', dataset: 'told', text: 'x' });
    expect(
      await worker.server.query(
        `select row_count::int, rejected_count::int, columns, preview, report from dataset_version
         join dataset using (tenant_id, dataset_id) where name = 'told'`,
      ),
    ).toEqual([
      {
        row_count: 1,
        rejected_count: 2,
        columns: [{ name: 'id', type: 'BIGINT' }],
        preview: [[1]],
        report: { attempt: 1 },
      },
    ]);
  });

  it('of one task is one version of a name, whichever attempt makes it and however often', async () => {
    const { taskId } = await worker.run({ operation: 'make', dataset: 'once', text: 'x', failing: true }, 'retrying');
    await again(taskId);
    const task = await worker.reaches(taskId, 'completed');
    expect(task).toMatchObject({ attempts: 2, result: { kept: [{ version: 1 }] } });
    const { kept } = await result({ operation: 'make', dataset: 'once', text: 'y', times: 5 });
    expect(new Set((kept as unknown as { version: number }[]).map(({ version }) => version)).size).toBe(1);
    const versions = await worker.server.query(
      `select preview from dataset_version join dataset using (tenant_id, dataset_id) where name = 'once' order by version`,
    );
    // The file of the first attempt, and not of the second.
    expect(versions).toEqual([{ preview: [[1]] }, { preview: [[1]] }]);
  });

  it('is the same for every attempt of a task, whatever comes meanwhile', async () => {
    await result({ operation: 'make', dataset: 'moving', text: 'old' });
    const { taskId } = await worker.run(
      { operation: 'make', dataset: 'derived', from: ['dataset:moving'], failing: true },
      'retrying',
    );
    await result({ operation: 'make', dataset: 'moving', text: 'new' });
    await again(taskId);
    const { result: made } = await worker.reaches(taskId, 'completed');
    expect(made).toMatchObject({ opened: [{ reference: 'dataset:moving@1' }], read: ['PAR1oldmeta PAR1'] });
  });

  it('may be a file that another task made, small or large', async () => {
    for (const [name, bytes] of [
      ['small ü.bin', 1_000],
      ['large.bin', 3_000_000],
    ] as const) {
      const { taskId } = await result({ operation: 'file', name, bytes });
      const at = `artifact:${String(taskId)}/${name}`;
      expect(await result({ operation: 'look', at })).toMatchObject({
        reference: at,
        mediaType: 'application/octet-stream',
        bytes,
        sha256: sha256(Buffer.alloc(bytes, 7)),
      });
      const task = await worker.reads.find(worker.tenantId, String(taskId));
      expect(task?.artifacts).toEqual([{ name, mediaType: 'application/octet-stream', bytes }]);
    }
  });

  it('may be what a client has uploaded', async () => {
    const uploads = new Uploads(worker.database, contents);
    const part = { mediaType: 'text/csv', maxBytes: 100, usualQuota: 100_000_000 };
    await uploads.takeWhole(worker.tenantId, bytesOf('a,b\n'), part);
    const at = `upload:${sha256('a,b\n')}`;
    expect(await result({ operation: 'look', at })).toMatchObject({ reference: at, mediaType: 'text/csv', bytes: 4 });
  });

  it('is a file until the attempt ends, one for all that read it at the same time', async () => {
    await result({ operation: 'make', dataset: 'shared', text: 'x' });
    const until = join(folder, 'enough');
    const payload = { operation: 'look', at: 'dataset:shared', until };
    const ids = [await worker.submit(payload), await worker.submit(payload)];
    await worker.dispatch(...ids);
    const paths = await eventually(async () => {
      const rows = await worker.server.query<{ path: string }>(
        `select body ->> 'message' as path from task_event where task_id = any ($1)`,
        [ids],
      );
      expect(rows).toHaveLength(2);
      return rows.map(({ path }) => path);
    });
    expect(new Set(paths).size).toBe(1);
    expect(existsSync(paths[0] ?? '')).toBe(true);
    await writeFile(until, '');
    for (const id of ids) await worker.reaches(id, 'completed');
    await eventually(() => {
      expect(existsSync(paths[0] ?? '')).toBe(false);
    });
  });

  it.each(['dataset:nothing', 'dataset:sales@99', 'nonsense', '/etc/passwd', `upload:${'0'.repeat(64)}`])(
    'that is not there ends the task: %s',
    async (at) => {
      const error = { code: 'data_not_found', permanent: true, details: { reference: at } };
      expect(await failure({ operation: 'look', at })).toMatchObject(error);
    },
  );

  it('of another tenant is not there', async () => {
    await result({ operation: 'make', dataset: 'mine', text: 'x' });
    const other = await new Tenants(worker.database).ensure('other');
    const { taskId } = await result({ operation: 'file', name: 'mine.bin', bytes: 2_000_000 });
    const foreign = ['dataset:mine', `artifact:${String(taskId)}/mine.bin`];
    for (const at of foreign) {
      const [row] = await worker.server.query<{ task_id: string }>(
        `insert into task_queue (tenant_id, task_type, assigned_agent, payload, due_at, max_attempts)
         values ($1, 'analytics', 'dash', $2, now(), 1) returning task_id`,
        [other, JSON.stringify({ operation: 'look', at })],
      );
      const id = row?.task_id ?? '';
      const message = { task_id: id, tenant_id: other, task_type: 'analytics' as const, dispatch_id: 1 };
      await worker.publisher.dispatch('dash', [message], 5);
      await eventually(async () => {
        const task = await worker.reads.find(other, id);
        expect(task?.error).toMatchObject({ code: 'data_not_found' });
      });
    }
  });

  it('is refused when it is no Parquet file, or its name is none', async () => {
    const refused = { code: 'handler_failed', permanent: true };
    expect(await failure({ operation: 'make', dataset: 'plain', plain: true })).toMatchObject(refused);
    for (const dataset of ['', 'A', '../x', 'a b', 'x'.repeat(101)])
      expect(await failure({ operation: 'make', dataset, text: 'x' })).toMatchObject(refused);
  });

  it('is refused beyond the quota of the tenant, and leaves nothing behind', async () => {
    const before = await contents.used(worker.tenantId);
    const error = await failure({ operation: 'make', dataset: 'huge', bytes: 21_000_000 });
    expect(error).toMatchObject({
      code: 'dataset_quota_exceeded',
      permanent: true,
      details: { quota_bytes: 20_000_000, used_bytes: before },
    });
    expect(await contents.used(worker.tenantId)).toBe(before);
  });

  it('of an attempt that was taken away is not kept', async () => {
    const until = join(folder, 'never');
    const taskId = await worker.submit({ operation: 'look', at: 'dataset:sales', until });
    await worker.dispatch(taskId);
    await eventually(async () => {
      expect(await uses(taskId)).toHaveLength(1);
    });
    await worker.cancel(taskId);
    await eventually(() => {
      const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(`pulser-data-${process.pid}-`));
      expect(folders.flatMap((name) => readdirSync(join(tmpdir(), name)))).toEqual([]);
    });
  });
});
