import { createHash } from 'node:crypto';

import {
  Artifacts,
  type Claim,
  type Content,
  Contents,
  Data,
  DataRetention,
  Datasets,
  OffsetMismatch,
  PieceStores,
  Uploads,
} from '../src/index.js';
import { TaskLife, tester } from './task-life.js';

const part = { mediaType: 'text/csv', maxBytes: 1_000, usualQuota: 1_000_000 };

const bytesOf = async function* (text: string): AsyncGenerator<Buffer> {
  yield await Promise.resolve(Buffer.from(text));
};

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

describe('datasets', () => {
  let life: TaskLife;
  let contents: Contents;
  let datasets: Datasets;
  let uploads: Uploads;
  let data: Data;
  let retention: DataRetention;

  beforeAll(async () => {
    life = await TaskLife.start();
    const settings = { CONTENT_STORE: 'database', S3_REGION: '', CONTENT_QUOTA_BYTES: 1 } as const;
    contents = new Contents(life.database, await PieceStores.open(life.database, settings));
    datasets = new Datasets(life.database);
    uploads = new Uploads(life.database, contents);
    data = new Data(life.database, contents, datasets, uploads, new Artifacts(life.database));
    retention = new DataRetention(contents, datasets, uploads);
  });

  afterAll(() => life.stop());

  const keep = async (claim: Claim, name: string, content?: Content) => {
    const { contentId } = content ?? (await contents.write(life.tenantId, bytesOf(name), part));
    return datasets.keep(claim, { name, contentId, rows: 1, rejected: 0, columns: [], preview: [] });
  };

  const made = async (name: string): Promise<Claim> => {
    const claim = await life.claimed(await life.submit());
    expect((await keep(claim, name))?.name).toBe(name);
    return claim;
  };

  const days = (table: string, column: string, count: number, name: string) =>
    life.server.query(
      `update ${table} set ${column} = ${column} - make_interval(days => $1) where dataset_id =
         (select dataset_id from dataset where name = $2)`,
      [count, name],
    );

  const numbers = async (name: string): Promise<number[]> =>
    (await datasets.versions(life.tenantId, name, { limit: 10 })).map(({ version }) => version);

  it('get one version of a task, and none of an attempt that lost it', async () => {
    const claim = await made('fenced');
    expect(await keep(claim, 'fenced')).toBeUndefined();
    expect((await datasets.madeBy(life.tenantId, 'fenced', claim.taskId))?.version).toBe(1);
    const lost = await life.claimed(await life.submit());
    await life.cancels.cancel(life.tenantId, tester, lost.taskId);
    expect(await keep(lost, 'fenced')).toBeUndefined();
    expect(await keep(lost, 'never-made')).toBeUndefined();
    expect(await datasets.named(life.tenantId, 'never-made')).toBeUndefined();
    expect(await numbers('fenced')).toEqual([1]);
  });

  it('keep what their file says, also where the database cannot hold its characters', async () => {
    const claim = await life.claimed(await life.submit());
    const { contentId } = await contents.write(life.tenantId, bytesOf('odd'), part);
    const odd = { name: 'odd', contentId, rows: 1, rejected: 0, preview: [['x\u0000y', '\ud83d']] };
    const columns = [{ name: 'a\u0000b', type: 'VARCHAR' }];
    expect(await datasets.keep(claim, { ...odd, columns, report: { samples: ['\u0000'] } })).toMatchObject({
      version: 1,
    });
    expect(await datasets.report(life.tenantId, 'odd', 1)).toEqual({ samples: ['\ufffd'] });
  });

  it('get versions of many tasks at once, each its own number', async () => {
    const claims = await Promise.all(Array.from({ length: 10 }, async () => life.claimed(await life.submit())));
    await Promise.all(claims.map((claim) => keep(claim, 'busy')));
    expect((await numbers('busy')).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('keep their latest version for ever, and others for as long as they are to be kept', async () => {
    for (let n = 0; n < 3; n += 1) await made('aging');
    await days('dataset_version', 'created_at', 91, 'aging');
    await made('aging');
    await made('still');
    await days('dataset_version', 'created_at', 1_000, 'still');
    const before = await contents.used(life.tenantId);
    expect(await retention.sweep({ versionDays: 90, uploadHours: 1 })).toMatchObject({ versions: 3 });
    expect([await numbers('aging'), await numbers('still')]).toEqual([[4], [1]]);
    expect(await contents.used(life.tenantId)).toBe(before - 3 * 'aging'.length);
  });

  it('keep their lineage as long as they are there, and tasks without a version theirs as long as the task', async () => {
    const [claim, other] = [await made('lineage'), await life.claimed(await life.submit())];
    const found = await data.find(life.tenantId, 'dataset:lineage@1');
    if (found === undefined) throw new Error('It is not found');
    for (const by of [claim, other]) expect(await data.recordUse(by, 'dataset:lineage', found)).toBe(true);
    await life.server.query(`update data_use set opened_at = now() - interval '2 days'`);
    const users = async () =>
      (await datasets.usedBy(life.tenantId, 'dataset:lineage@1', 10)).map(({ taskId }) => taskId).sort();
    await retention.sweep({ versionDays: 90, uploadHours: 1 });
    expect(await users()).toEqual([claim.taskId, other.taskId].sort());
    await life.server.query('delete from task_queue where task_id = any ($1)', [[claim.taskId, other.taskId]]);
    await retention.sweep({ versionDays: 90, uploadHours: 1 });
    expect(await users()).toEqual([claim.taskId]);
  });

  it('are resolved once a task: a later attempt gets the version of the first, or nothing when it is gone', async () => {
    await made('moving');
    const claim = await life.claimed(await life.submit());
    const first = await data.findFor(life.tenantId, claim.taskId, 'dataset:moving');
    if (first === undefined) throw new Error('It is not found');
    await data.recordUse(claim, 'dataset:moving', first);
    await made('moving');
    expect((await data.findFor(life.tenantId, claim.taskId, 'dataset:moving'))?.reference).toBe('dataset:moving@1');
    const elsewhere = await life.claimed(await life.submit());
    expect((await data.findFor(life.tenantId, elsewhere.taskId, 'dataset:moving'))?.reference).toBe('dataset:moving@2');
    await datasets.dropVersion(life.tenantId, tester, 'moving', 1);
    expect(await data.findFor(life.tenantId, claim.taskId, 'dataset:moving')).toBeUndefined();
  });

  describe('uploads', () => {
    it('of the same bytes are one', async () => {
      const [first, second] = [
        await uploads.takeWhole(life.tenantId, bytesOf('same'), part),
        await uploads.takeWhole(life.tenantId, bytesOf('same'), part),
      ];
      expect(second.sha256).toEqual(first.sha256);
      const rows = await life.server.query(`select from content c where c.sha256 = $1`, [first.sha256]);
      expect(rows).toHaveLength(1);
    });

    it('that came whole take the place of one that is half there', async () => {
      const hash = sha256('half and whole');
      await uploads.takePart(life.tenantId, hash, bytesOf('half'), { ...part, offset: 0, last: false });
      await uploads.takeWhole(life.tenantId, bytesOf('half and whole'), part);
      expect(await uploads.find(life.tenantId, hash)).toMatchObject({ bytes: 14, complete: true });
    });

    it('that two clients begin at once are one, and one of them is told where it stands', async () => {
      const hash = sha256('abcd');
      const begin = () => uploads.takePart(life.tenantId, hash, bytesOf('ab'), { ...part, offset: 0, last: false });
      const ends = await Promise.allSettled([begin(), begin(), begin()]);
      expect(ends.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1);
      for (const end of ends) if (end.status === 'rejected') expect(end.reason).toBeInstanceOf(Error);
      const at = (await uploads.find(life.tenantId, hash))?.bytes ?? 0;
      const rest = { ...part, offset: at, last: true };
      await uploads.takePart(life.tenantId, hash, bytesOf('abcd'.slice(at)), rest);
      expect(await uploads.find(life.tenantId, hash)).toMatchObject({ bytes: 4, complete: true });
    });

    it('go on only where they ended', async () => {
      const hash = sha256('0123');
      await uploads.takePart(life.tenantId, hash, bytesOf('01'), { ...part, offset: 0, last: false });
      const wrong = uploads.takePart(life.tenantId, hash, bytesOf('123'), { ...part, offset: 1, last: true });
      await expect(wrong).rejects.toEqual(new OffsetMismatch(2));
    });

    it('that nobody used for long are gone, whole or half', async () => {
      await uploads.takeWhole(life.tenantId, bytesOf('old'), part);
      await uploads.takePart(life.tenantId, sha256('never'), bytesOf('ne'), { ...part, offset: 0, last: false });
      await uploads.takeWhole(life.tenantId, bytesOf('used'), part);
      await life.server.query(
        `with old as (update upload set used_at = now() - interval '5 hours' returning tenant_id, content_id)
         update content c set touched_at = now() - interval '5 hours' from old
         where c.tenant_id = old.tenant_id and c.content_id = old.content_id`,
      );
      expect(await data.find(life.tenantId, `upload:${sha256('used').toString('hex')}`)).toMatchObject({ bytes: 4 });
      await retention.sweep({ versionDays: 90, uploadHours: 4 });
      expect(await uploads.find(life.tenantId, sha256('old'))).toBeUndefined();
      expect(await uploads.find(life.tenantId, sha256('never'))).toBeUndefined();
      expect(await uploads.find(life.tenantId, sha256('used'))).toMatchObject({ complete: true });
      const left = await life.server.query('select from content where sha256 = $1', [sha256('old')]);
      expect(left).toEqual([]);
    });
  });
});
