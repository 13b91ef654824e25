import { Database, migrateUp } from '@pulser/database';
import { type EmbeddingEnv, ProcessEmbedder } from '@pulser/embedding';
import { Metrics, Tracer } from '@pulser/service-kit';
import { testDatabase, type TestDatabase } from '@pulser/testing';

import {
  EmbeddingModels,
  Memories,
  MemoryReads,
  MemoryUpkeep,
  MemoryWrites,
  type NewMemory,
  TaskEntity,
  Tenants,
} from '../src/index.js';

export const miniLm: EmbeddingEnv = {
  EMBEDDING_URL: undefined,
  EMBEDDING_KEY: undefined,
  EMBEDDING_MODEL: '',
  EMBEDDING_DIMENSIONS: 384,
  EMBEDDING_SHORTEN: false,
  EMBEDDING_IDLE_S: 60,
};

/** Memories over a database, as one process with its embedder has them. */
export class MemoryProcess {
  readonly models: EmbeddingModels;
  readonly reads: MemoryReads;
  readonly writes: MemoryWrites;
  readonly memories: Memories;
  readonly upkeep: MemoryUpkeep;
  readonly embedder: ProcessEmbedder;

  private constructor(
    readonly database: Database,
    env: EmbeddingEnv,
  ) {
    this.embedder = new ProcessEmbedder(env);
    this.models = new EmbeddingModels(database, this.embedder);
    this.reads = new MemoryReads(database);
    this.writes = new MemoryWrites(database);
    this.memories = new Memories(this.models, this.writes, this.reads, this.embedder, new Tracer(), new Metrics());
    this.upkeep = new MemoryUpkeep(database, this.models, this.writes, this.embedder);
  }

  static async start(url: string, env: EmbeddingEnv = miniLm): Promise<MemoryProcess> {
    const database = new Database({
      settings: { DATABASE_URL: url, DATABASE_POOL_MAX: 3, DATABASE_PREPARE: true },
      applicationName: 'memory-spec',
      synchronousCommit: 'off',
      entities: [TaskEntity],
      onIdleError: () => undefined,
    });
    await database.connect();
    return new MemoryProcess(database, env);
  }

  async stop(): Promise<void> {
    await this.embedder.close();
    await this.database.close();
  }
}

/** A database with tenants, a gateway that may do what `pulser_app` may, and a router with the rights of the services. */
export class MemoryLife {
  private constructor(
    readonly server: TestDatabase,
    readonly gateway: MemoryProcess,
    readonly router: MemoryProcess,
    readonly acme: string,
    readonly umbrella: string,
  ) {}

  static async start(env: EmbeddingEnv = miniLm): Promise<MemoryLife> {
    const server = await testDatabase(migrateUp);
    const [gateway, router] = await Promise.all([
      MemoryProcess.start(server.url('pulser_app'), env),
      MemoryProcess.start(server.url('pulser_service'), env),
    ]);
    const tenants = new Tenants(router.database);
    return new MemoryLife(server, gateway, router, await tenants.ensure('acme'), await tenants.ensure('umbrella'));
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    await this.router.stop();
    await this.server.drop();
  }

  /** Rows of memories and of their vectors, whoever's they are. */
  async rows(): Promise<{ memories: number; chunks: number }> {
    const [row] = await this.server.query<{ memories: number; chunks: number }>(
      `select (select count(*)::int from agent_memory) as memories, (select count(*)::int from memory_chunk) as chunks`,
    );
    return row ?? { memories: -1, chunks: -1 };
  }
}

export const memory = (content: string, more: Partial<NewMemory> = {}): NewMemory => ({
  agent: null,
  type: 'fact',
  content,
  subject: null,
  trust: 'observed',
  metadata: {},
  expiresAt: null,
  ...more,
});

export const nearest = { limit: 10, minScore: 0, recencyWeight: 0, halfLifeDays: 30 };
