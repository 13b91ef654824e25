import { setTimeout as wait } from 'node:timers/promises';

import { statement } from '@pulser/database';
import { distractors } from '@pulser/testing/retrieval';

import {
  Agents,
  type KnownModel,
  nearestChunks,
  scanSettings,
  type SearchKind,
  TaskClaims,
  TaskInserts,
} from '../src/index.js';
import { MemoryLife, nearest } from './memory-life.js';
import { newTask, registration } from './task-life.js';

// The large form: MEMORY_FIGURES=1 node deploy/local/jest.mjs libs/context-bus/test/memory-index.spec.ts
const whole = process.env['MEMORY_FIGURES'] === '1';
const { tenants, largest, queries, bases, timed, claimed } = whole
  ? { tenants: 30, largest: 12_000, queries: 10, bases: 600, timed: 10_000, claimed: 3_000 }
  : { tenants: 10, largest: 600, queries: 3, bases: 40, timed: 1_000, claimed: 200 };

// Marsaglia's xorshift32.
const randomOf = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
};

/** Vectors that lie as those of real texts do: between those of two of them, with some noise. */
class Vectors {
  private readonly random = randomOf(7);

  constructor(private readonly real: readonly (readonly number[])[]) {}

  next(): number[] {
    const [one, other] = [this.pick(), this.pick()];
    const share = 0.5 + this.random() / 2;
    return one.map((value, at) => share * value + (1 - share) * (other[at] ?? 0) + (this.random() - 0.5) * 0.06);
  }

  private pick(): readonly number[] {
    return this.real[Math.floor(this.random() * this.real.length)] ?? [];
  }
}

const text = (vector: readonly number[]): string => `[${vector.map((value) => value.toFixed(5)).join(',')}]`;

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;

describe('the index of an embedding model', () => {
  let life: MemoryLife;
  let model: KnownModel;
  let vectors: Vectors;

  beforeAll(async () => {
    life = await MemoryLife.start();
    vectors = new Vectors(await life.router.embedder.embed(distractors(bases)));
    model = await life.router.models.current();
    await life.router.upkeep.indexModels();
    model = await life.router.models.current();
    expect(model.indexed).toBe(true);
  }, 240_000);

  afterAll(() => life.stop());

  /** Memories of one chunk each. */
  const fill = async (tenantId: string, count: number): Promise<void> => {
    for (let done = 0; done < count; done += 500) {
      const part = Array.from({ length: Math.min(500, count - done) }, () => text(vectors.next()));
      await life.server.query(
        `with kept as (
           insert into agent_memory (tenant_id, memory_id, agent_name, memory_type, content, model_id)
           select $1, pulser.new_id(), null, 'fact', 'Memory ' || n, $2 from generate_series(1, $4) n
           returning memory_id)
         insert into memory_chunk (tenant_id, memory_id, model_id, chunk, from_unit, to_unit, embedding)
         select $1, k.memory_id, $2, 0, 0, 6, v.vector::vector
         from (select memory_id, row_number() over () as n from kept) k
         join unnest($3::text[]) with ordinality v(vector, n) using (n)`,
        [tenantId, model.modelId, part, part.length],
      );
    }
  };

  const idsOf = async (tenantId: string, vector: readonly number[], kind: SearchKind): Promise<string[]> =>
    (await life.gateway.reads.search(tenantId, model, vector, { filter: {}, order: nearest, kind })).map(
      ({ memoryId }) => memoryId,
    );

  it('finds what an exact search finds, for small tenants as for large ones, and is really used', async () => {
    // The share of the smallest tenant is a hundredth of that of the largest.
    const sizes = Array.from({ length: tenants }, (_, n) => Math.ceil(largest * 0.01 ** (n / (tenants - 1))));
    const owners = await life.server.query<{ id: string }>(
      `insert into tenant (name) select 'tenant-' || n from generate_series(1, $1) n returning tenant_id as id`,
      [tenants],
    );
    for (const [n, size] of sizes.entries()) await fill(owners[n]?.id ?? '', size);
    await life.server.query('vacuum analyze agent_memory');
    await life.server.query('vacuum analyze memory_chunk');

    const figures: { size: number; recall: number; indexMs: number; exactMs: number }[] = [];
    for (const [n, size] of sizes.entries()) {
      const tenantId = owners[n]?.id ?? '';
      expect(await plan(tenantId, 'index')).toContain(`memory_chunk_of_model_${model.modelId}`);
      expect(await plan(tenantId, 'exact')).not.toContain('memory_chunk_of_model_');
      for (let query = 0; query < queries; query += 1) {
        const vector = vectors.next();
        const before = performance.now();
        const exact = await idsOf(tenantId, vector, 'exact');
        const between = performance.now();
        const found = new Set(await idsOf(tenantId, vector, 'index'));
        const recall = exact.filter((id) => found.has(id)).length / exact.length;
        figures.push({ size, recall, indexMs: performance.now() - between, exactMs: between - before });
      }
    }

    const decile = tenants / 10;
    for (let from = 0; from < tenants; from += decile) {
      const own = figures.slice(from * queries, (from + decile) * queries);
      const recall = own.reduce((sum, one) => sum + one.recall, 0) / own.length;
      const [small, large] = [own.at(-1)?.size ?? 0, own[0]?.size ?? 0];
      const ms = (of: 'indexMs' | 'exactMs') =>
        percentile(
          own.map((one) => one[of]),
          0.5,
        ).toFixed(0);
      process.stdout.write(
        `tenants of ${small} to ${large} chunks: recall@10 ${recall.toFixed(3)}, index p50 ${ms('indexMs')} ms, exact p50 ${ms('exactMs')} ms\n`,
      );
      expect(recall).toBeGreaterThanOrEqual(0.95);
    }
  }, 1_800_000);

  it('is not used up to 10,000 chunks, whose search is exact; its times are printed', async () => {
    await fill(life.umbrella, timed);
    await life.server.query('vacuum analyze memory_chunk');
    expect(await life.gateway.reads.kindFor(life.umbrella, model)).toBe('exact');
    const times: number[] = [];
    for (let turn = 0; turn < 100; turn += 1) {
      const vector = vectors.next();
      const before = performance.now();
      expect(await idsOf(life.umbrella, vector, 'exact')).toHaveLength(10);
      times.push(performance.now() - before);
    }
    process.stdout.write(
      `exact search of ${timed} memories: p50 ${percentile(times, 0.5).toFixed(1)} ms, p95 ${percentile(times, 0.95).toFixed(1)} ms\n`,
    );
  }, 600_000);

  it('lets workers claim tasks beside searches without a pause; the times are printed', async () => {
    const { inserts, claims } = {
      inserts: new TaskInserts(life.router.database),
      claims: new TaskClaims(life.router.database, { agent: 'dash', worker: 'dash-1', leaseMs: 30_000 }),
    };
    await new Agents(life.router.database).register(registration);
    const accepted = await inserts.insertAll(
      life.umbrella,
      Array.from({ length: claimed }, () => newTask()),
    );
    let searching = true;
    const searches = Promise.all(
      Array.from({ length: 2 }, async () => {
        let done = 0;
        for (; searching; done += 1) expect(await idsOf(life.umbrella, vectors.next(), 'exact')).toHaveLength(10);
        return done;
      }),
    );
    const times = await Promise.all(
      accepted.map(async ({ taskId }, n) => {
        await wait(n * 10);
        const before = performance.now();
        const request = { tenantId: life.umbrella, taskId, dispatchId: 1, wantsPayload: false };
        expect(await claims.claim(request)).toBeDefined();
        return performance.now() - before;
      }),
    );
    searching = false;
    const done = (await searches).reduce((sum, one) => sum + one, 0);
    process.stdout.write(
      `${claimed} claims at 100 a second beside ${done} searches of ${timed} memories: p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms\n`,
    );
    expect(done).toBeGreaterThan(0);
  }, 240_000);

  const plan = (tenantId: string, kind: SearchKind): Promise<string> =>
    life.gateway.database.withTenant(tenantId, async (transaction) => {
      if (kind === 'index') await transaction.query(scanSettings, ['200']);
      const { text: sql } = nearestChunks(model, kind);
      const rows = await transaction.query<Record<'QUERY PLAN', string>>(
        statement(`spec.explain.${kind}`, `explain ${sql}`),
        [text(vectors.next()), 200, ...Array.from({ length: 7 }, () => null)],
      );
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    });
});
