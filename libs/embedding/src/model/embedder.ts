// What turns texts into vectors.
export interface EmbeddingModel {
  /** Vectors are comparable under one name only. */
  readonly name: string;
  readonly dimensions: number;
}

/** `later` lets those pass for whom a caller waits. */
export type Urgency = 'now' | 'later';

/** One of two: MiniLM in this process, or an endpoint with OpenAI's API. */
export interface Embedder {
  readonly model: EmbeddingModel;
  /**
   * One vector of length 1 for each text, in their order. Of a text longer than a passage MiniLM sees the start only.
   * @throws EmbeddingUnavailable
   */
  embed(texts: readonly string[], urgency?: Urgency): Promise<number[][]>;
  close(): Promise<void>;
}
