// Any endpoint with OpenAI's embeddings API: https://platform.openai.com/docs/api-reference/embeddings/create
import {
  AllowEntry,
  OutgoingClient,
  OutgoingFailed,
  OutgoingRefused,
  type OutgoingResponse,
} from '@pulser/outgoing/client';
import { type Breaker, BreakerOpen, Breakers } from '@pulser/service-kit';
import { z } from 'zod';

import type { Embedder, EmbeddingModel } from '../model/embedder.js';
import { EmbeddingUnavailable } from '../errors.js';
import { unitVector } from '../model/vectors.policy.js';
import { modelText } from '../text/passages.policy.js';

/** An endpoint as an operator configures it. */
export interface EndpointSettings {
  /** As in the documentation of the service: `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  readonly key?: string | undefined;
  /** As the endpoint calls it. */
  readonly model: string;
  readonly dimensions: number;
  /** Asks the endpoint for vectors of so many dimensions, for models that can shorten theirs. */
  readonly shorten: boolean;
}

const maxTextsPerCall = 64;
const timeoutMs = 30_000;
/** 64 vectors of 1,536 numbers as JSON have some 2 MB. */
const maxBytes = 16 * 1_048_576;

const Answer = z.object({
  data: z.array(z.object({ index: z.int().optional(), embedding: z.array(z.number()) })),
});

// The operator names this host, so it may be a private one; no other may be reached from here.
const clientFor = (url: URL): OutgoingClient =>
  new OutgoingClient({
    schemes: [url.protocol === 'http:' ? 'http' : 'https'],
    ports: [url.port === '' ? (url.protocol === 'http:' ? 80 : 443) : Number(url.port)],
    allowed: [AllowEntry.parse(url.hostname.replace(/^\[|\]$/g, ''))],
    timeoutMs,
    idleMs: timeoutMs,
    maxBytes,
    maxRedirects: 0,
  });

/** The endpoint answers that it cannot answer. */
class Overloaded extends Error {}

const outages = [OutgoingFailed, OutgoingRefused, Overloaded, BreakerOpen] as const;

const isOutage = (error: unknown): boolean => error instanceof OutgoingFailed || error instanceof Overloaded;

/** Tries once: who asks decides whether to try again. */
export class EndpointEmbedder implements Embedder {
  readonly model: EmbeddingModel;
  private readonly url: URL;
  private readonly client: OutgoingClient;
  private readonly breaker: Breaker;

  constructor(
    private readonly settings: EndpointSettings,
    breakers = new Breakers(),
  ) {
    const { baseUrl, model, dimensions } = settings;
    this.url = new URL(`${baseUrl.replace(/\/+$/, '')}/embeddings`);
    // Vectors of one model with other dimensions are other vectors.
    this.model = { name: `${model}/${dimensions}`, dimensions };
    this.client = clientFor(this.url);
    this.breaker = breakers.of('embedder', { isFailure: isOutage });
  }

  async embed(texts: readonly string[]): Promise<number[][]> {
    const vectors: number[][] = [];
    for (let at = 0; at < texts.length; at += maxTextsPerCall)
      vectors.push(...(await this.ask(texts.slice(at, at + maxTextsPerCall).map(modelText))));
    return vectors;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async ask(texts: readonly string[]): Promise<number[][]> {
    const { data } = await this.answerTo(texts);
    const vectors = data
      .map(({ index, embedding }, at) => ({ at: index ?? at, embedding }))
      .sort((one, other) => one.at - other.at)
      .map(({ embedding }) => this.checked(embedding));
    if (vectors.length === texts.length) return vectors;
    throw new EmbeddingUnavailable(`${this.url.origin} gave ${vectors.length} vectors for ${texts.length} texts`);
  }

  private async answerTo(input: readonly string[]): Promise<z.infer<typeof Answer>> {
    const { model, dimensions, shorten, key } = this.settings;
    const response = await this.post(
      { model, input, encoding_format: 'float', ...(shorten && { dimensions }) },
      key === undefined ? {} : { authorization: `Bearer ${key}` },
    );
    // Without the body: it may repeat the texts or the key.
    if (!response.ok) throw new EmbeddingUnavailable(this.said(response));
    const parsed = Answer.safeParse(this.jsonOf(response));
    if (parsed.success) return parsed.data;
    throw new EmbeddingUnavailable(`${this.url.origin} does not answer as OpenAI's embeddings API`);
  }

  private async post(body: object, headers: Readonly<Record<string, string>>): Promise<OutgoingResponse> {
    try {
      return await this.breaker.run(async () => {
        const response = await this.client.request(this.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify(body),
          redirect: 'manual',
        });
        // An endpoint that is overloaded or broken; one that refuses the key or the model works.
        if (response.status >= 500 || response.status === 429) throw new Overloaded(this.said(response));
        return response;
      });
    } catch (error) {
      if (outages.some((outage) => error instanceof outage))
        throw new EmbeddingUnavailable((error as Error).message, error);
      throw error;
    }
  }

  private said({ status }: OutgoingResponse): string {
    return `${this.url.origin} answered ${status}`;
  }

  private jsonOf(response: OutgoingResponse): unknown {
    try {
      return response.json();
    } catch {
      return undefined;
    }
  }

  private checked(embedding: readonly number[]): number[] {
    const { dimensions } = this.settings;
    if (embedding.length !== dimensions)
      throw new EmbeddingUnavailable(
        `${this.url.origin} gave ${embedding.length} dimensions: set EMBEDDING_DIMENSIONS to what the model has`,
      );
    const vector = unitVector(embedding);
    if (vector === undefined) throw new EmbeddingUnavailable(`${this.url.origin} gave a vector without direction`);
    return vector;
  }
}
