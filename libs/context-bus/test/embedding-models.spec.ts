import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import type { EmbeddingEnv } from '@pulser/embedding';

import { memory, MemoryLife, MemoryProcess, miniLm, nearest } from './memory-life.js';

/** A vendor's endpoint: the vector of a text is drawn from its letters and a number that stands for the model. */
class Vendor {
  private constructor(
    private readonly server: Server,
    private state: { turn: number; away: boolean },
  ) {}

  static async start(): Promise<Vendor> {
    const state = { turn: 0, away: false };
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        if (state.away) return response.writeHead(500).end();
        const { input, dimensions } = JSON.parse(body) as { input: string[]; dimensions: number };
        const data = input.map((one, index) => ({ index, embedding: drawn(one, dimensions, state.turn) }));
        return response.end(JSON.stringify({ data }));
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    return new Vendor(server, state);
  }

  env(model: string, dimensions: number): EmbeddingEnv {
    const { port } = this.server.address() as AddressInfo;
    const endpoint = { EMBEDDING_URL: `http://127.0.0.1:${port}`, EMBEDDING_MODEL: model };
    return { ...miniLm, ...endpoint, EMBEDDING_DIMENSIONS: dimensions, EMBEDDING_SHORTEN: true };
  }

  /** From now on it serves another model under the same names. */
  change(): void {
    this.state.turn += 1;
  }

  set away(away: boolean) {
    this.state.away = away;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => void this.server.close(resolve));
  }
}

const drawn = (of: string, dimensions: number, turn: number): number[] => {
  const vector = Array.from({ length: dimensions }, () => 0.01);
  for (let at = 0; at < of.length; at += 1)
    vector[(of.charCodeAt(at) * 7 + turn * (at + 3)) % dimensions] = 1 + (at % 3);
  return vector;
};

describe('embedding models', () => {
  let vendor: Vendor;
  let life: MemoryLife;

  beforeEach(async () => {
    vendor = await Vendor.start();
    life = await MemoryLife.start(vendor.env('small', 16));
  });

  afterEach(async () => {
    await life.stop();
    await vendor.stop();
  });

  const other = (model: string, dimensions: number): Promise<MemoryProcess> =>
    MemoryProcess.start(life.server.url('pulser_service'), vendor.env(model, dimensions));

  it('whose vectors differ from the stored ones of their name write and search nothing', async () => {
    await life.gateway.memories.remember(life.acme, [memory('one')]);
    vendor.change();
    const changed = await other('small', 16);
    const search = { text: 'one', filter: {}, order: nearest };
    const refusal = {
      code: 'embedding_mismatch',
      message: expect.stringMatching(/small\/16 is not the one/) as string,
    };
    await expect(changed.memories.remember(life.acme, [memory('two')])).rejects.toMatchObject(refusal);
    await expect(changed.memories.search(life.acme, search)).rejects.toMatchObject(refusal);
    expect(await life.rows()).toEqual({ memories: 1, chunks: 1 });
    await changed.stop();
  });

  it('that are away keep nothing, and say so', async () => {
    await life.gateway.models.current();
    vendor.away = true;
    await expect(life.gateway.memories.remember(life.acme, [memory('one')])).rejects.toMatchObject({
      code: 'embedding_unavailable',
    });
    vendor.away = false;
    expect(await life.gateway.memories.remember(life.acme, [memory('one')])).toHaveLength(1);
  });

  it('are never mixed: a switch re-embeds in pieces, whatever is killed, and says how far it is', async () => {
    const all = Array.from({ length: 25 }, (_, n) => `memory ${'abcdefghijklmnopqrstuvwxyz'.slice(n)}`);
    await life.gateway.memories.remember(
      life.acme,
      all.map((content) => memory(content)),
    );
    const found = async (by: MemoryProcess): Promise<number> => {
      const order = { ...nearest, limit: 100 };
      return (await by.memories.search(life.acme, { text: 'memory', filter: {}, order })).hits.length;
    };
    const covered = async (): Promise<Record<string, number>> => {
      const { models } = await life.gateway.reads.coverage(life.acme);
      const names = new Map((await life.gateway.models.list(10)).map(({ modelId, name }) => [modelId, name]));
      return Object.fromEntries(
        models.map(({ modelId, embedded }): [string, number] => [names.get(modelId) ?? '', embedded]),
      );
    };

    const router = await other('wide', 32);
    expect(await found(router)).toBe(0);
    expect(await router.upkeep.embedMissing(10)).toBe(10);
    expect(await found(router)).toBe(10);
    expect(await covered()).toEqual({ 'small/16': 25, 'wide/32': 10 });
    // What is written meanwhile by a process with the old model is embedded again, too.
    await life.gateway.memories.remember(life.acme, [memory('written meanwhile')]);
    await router.stop();

    const next = await other('wide', 32);
    const [row] = await Promise.all([next.upkeep.embedMissing(10), life.gateway.memories.embed(['load'])]);
    expect(row).toBe(10);
    while ((await next.upkeep.embedMissing(10)) > 0);
    expect(await covered()).toEqual({ 'small/16': 26, 'wide/32': 26 });
    expect([await found(next), await found(life.gateway)]).toEqual([26, 26]);
    expect(
      await life.server.query(
        'select distinct model_id, vector_dims(embedding) as dims from memory_chunk order by model_id',
      ),
    ).toEqual([
      { model_id: 1, dims: 16 },
      { model_id: 2, dims: 32 },
    ]);

    // While a process uses the old model its vectors stay; afterwards they go.
    expect(await next.upkeep.dropUnused(100)).toBe(0);
    await life.server.query(
      `update embedding_model set used_at = now() - interval '11 minutes' where name = 'small/16'`,
    );
    expect(await next.upkeep.dropUnused(20)).toBe(20);
    expect(await next.upkeep.dropUnused(20)).toBe(6);
    expect(await covered()).toEqual({ 'wide/32': 26 });
    await next.stop();
  });

  it('get their index while it is small, and not when writers would wait for long', async () => {
    await life.gateway.memories.remember(life.acme, [memory('one')]);
    expect(await life.router.upkeep.indexModels()).toEqual(new Map([['small/16', 'made']]));
    expect(await life.router.upkeep.indexModels()).toEqual(new Map([['small/16', 'there']]));
    await life.gateway.memories.remember(life.acme, [memory('two')]);
    expect(await life.gateway.memories.forget(life.acme, { type: 'fact' })).toBe(2);
    await expect(life.gateway.models.index(1)).rejects.toThrow(/permission denied/);
  });
});
