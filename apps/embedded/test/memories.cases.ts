import { cpSync } from 'node:fs';

import { type KnownModel, MemoryReads, Tenants } from '@pulser/context-bus';
import { type Database, migrateUp } from '@pulser/database';

import { EmbeddedDatabase } from '../src/database/embedded-database.js';
import { openPools, sql } from './pools.js';
import { TemporaryFolder } from './temporary-folder.js';

// The large form: MEMORY_FIGURES=1 node deploy/local/jest.mjs apps/embedded/test/embedded-database.spec.ts -t memories
const memories = process.env['MEMORY_FIGURES'] === '1' ? 10_000 : 1_000;

const know = sql('select pulser.know_embedding_model($1, 384, array_fill(0.5::real, array[5 * 384]))');
const find = sql('select model_id as "modelId", name, dimensions, indexed from embedding_model');
const vacuum = sql('vacuum analyze memory_chunk');
const fill = sql(
  `with kept as (
     insert into agent_memory (tenant_id, memory_type, content, model_id)
     select $1, 'fact', 'Memory ' || n, $2 from generate_series(1, $3) n returning memory_id)
   insert into memory_chunk (tenant_id, memory_id, model_id, chunk, from_unit, to_unit, embedding)
   select $1, k.memory_id, $2, 0, 0, 6,
     array(select random() - 0.5 + 0 * length(k.memory_id::text) from generate_series(1, 384))::vector
   from kept k`,
);

const drawn = (): number[] => Array.from({ length: 384 }, () => Math.random() - 0.5);

/** @param original files that the database made, closed */
export const memoriesInOneSession = (original: TemporaryFolder): void => {
  describe('memories in the embedded database', () => {
    const folder = new TemporaryFolder();
    let database: EmbeddedDatabase;
    let pool: Database;

    beforeAll(async () => {
      cpSync(original.path, folder.path, { recursive: true });
      database = await EmbeddedDatabase.open(folder.path, () => undefined);
      await migrateUp(database.url);
      await database.become('pulser_service');
      [pool] = (await openPools(database.url, 1)) as [Database];
    });

    afterAll(async () => {
      await pool.close();
      await database.close();
      folder[Symbol.dispose]();
    });

    it('are searched exactly, in a time in which others can wait', async () => {
      const tenantId = await new Tenants(pool).ensure('acme');
      await pool.query(know, ['drawn']);
      const [model] = await pool.query<KnownModel>(find);
      if (model === undefined) throw new Error('no model');
      for (let done = 0; done < memories; done += 500) await pool.query(fill, [tenantId, model.modelId, 500]);
      await pool.query(vacuum);
      const reads = new MemoryReads(pool);
      const order = { limit: 10, minScore: 0, recencyWeight: 0, halfLifeDays: 30 };
      const kind = await reads.kindFor(tenantId, model);
      expect(kind).toBe('exact');
      const times: number[] = [];
      for (let turn = 0; turn < 60; turn += 1) {
        const before = performance.now();
        const hits = await reads.search(tenantId, model, drawn(), { filter: {}, order, kind });
        times.push(performance.now() - before);
        expect(hits).toHaveLength(10);
      }
      times.sort((one, other) => one - other);
      const [p50, p95] = [times[30] ?? 0, times[57] ?? 0];
      process.stdout.write(
        `embedded, ${memories} memories: search p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms\n`,
      );
    }, 300_000);
  });
};
