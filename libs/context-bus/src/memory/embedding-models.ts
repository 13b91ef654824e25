// Embedding models that the database knows, and the check that this process embeds with one of them.
import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';
import { EmbeddingMismatch, fingerprintAgrees, fingerprintOf, ProcessEmbedder } from '@pulser/embedding';

export interface KnownModel {
  readonly modelId: number;
  readonly name: string;
  readonly dimensions: number;
  /** Whether there is an HNSW index over its chunks. */
  readonly indexed: boolean;
}

interface ModelRow extends KnownModel {
  readonly fingerprint: readonly number[];
}

const know = statement('memory.know-model', 'select pulser.know_embedding_model($1, $2, $3)');

const find = statement(
  'memory.find-model',
  `select model_id as "modelId", name, dimensions, indexed, fingerprint from embedding_model where name = $1`,
);

const list = statement(
  'memory.models',
  `select model_id as "modelId", name, dimensions, indexed, used_at < now() - $1::interval as idle
   from embedding_model order by model_id`,
);

const index = statement('memory.index-model', 'select pulser.index_embedding_model($1)');

/** The model is looked up again after so long: another process may have made its index. */
const freshMs = 60_000;

/** The model of this process, once it is known to be the one whose vectors are stored under its name. */
@Injectable()
export class EmbeddingModels {
  private checked: { readonly at: number; readonly model: Promise<KnownModel> } | undefined;
  private fingerprint: Promise<readonly number[]> | undefined;

  constructor(
    private readonly database: Database,
    private readonly embedder: ProcessEmbedder,
  ) {}

  /** Name of the model of this process, without asking it. */
  get name(): string {
    return this.embedder.model.name;
  }

  get dimensions(): number {
    return this.embedder.model.dimensions;
  }

  /**
   * The first call embeds five sentences.
   * @throws EmbeddingMismatch when the database knows another model under this name; EmbeddingUnavailable,
   * DatabaseUnavailable
   */
  current(): Promise<KnownModel> {
    if (this.checked !== undefined && performance.now() - this.checked.at < freshMs) return this.checked.model;
    const model = this.check();
    this.checked = { at: performance.now(), model };
    model.catch(() => {
      // A mismatch too: the operator may have mended the endpoint.
      this.checked = undefined;
      this.fingerprint = undefined;
    });
    return model;
  }

  /** All that were ever used. @param idleMinutes after which one that no process uses counts as idle */
  list(idleMinutes: number): Promise<(KnownModel & { readonly idle: boolean })[]> {
    return this.database.query(list, [`${idleMinutes} minutes`]);
  }

  /** Makes the HNSW index of a model; writers of memories wait meanwhile. Needs the service role. */
  async index(modelId: number): Promise<void> {
    await this.database.query(index, [modelId]);
    this.checked = undefined;
  }

  private async check(): Promise<KnownModel> {
    const { name, dimensions } = this.embedder.model;
    // Kept while the process lives: the sentences cost a second of computing.
    this.fingerprint ??= fingerprintOf(this.embedder);
    const fingerprint = await this.fingerprint;
    await this.database.query(know, [name, dimensions, fingerprint]);
    const [row] = await this.database.query<ModelRow>(find, [name]);
    if (row === undefined) throw new Error('An embedding model was not kept');
    if (row.dimensions !== dimensions)
      throw new EmbeddingMismatch(name, `${row.dimensions} dimensions instead of ${dimensions}`);
    if (!fingerprintAgrees(row.fingerprint, fingerprint)) throw new EmbeddingMismatch(name, 'its vectors differ');
    const { modelId, indexed } = row;
    return { modelId, name, dimensions, indexed };
  }
}
