import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';

import { ProcessEmbedder } from '../src/index.js';
import type { EmbeddingEnv } from '../src/index.js';

interface Asked {
  readonly authorization: string | undefined;
  readonly url: string | undefined;
  readonly body: { readonly model: string; readonly input: readonly string[]; readonly dimensions?: number };
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
};

describe("an endpoint with OpenAI's API", () => {
  let server: Server;
  let asked: Asked[];
  let answer: (input: readonly string[]) => { readonly status?: number; readonly body: unknown };

  const vectors = (input: readonly string[]) => ({
    body: { data: input.map((text, index) => ({ index, embedding: [text.length, 2, 2] })).reverse() },
  });

  const embedder = (more: Partial<EmbeddingEnv> = {}): ProcessEmbedder =>
    new ProcessEmbedder({
      EMBEDDING_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`,
      EMBEDDING_KEY: 'secret',
      EMBEDDING_MODEL: 'tiny',
      EMBEDDING_DIMENSIONS: 3,
      EMBEDDING_SHORTEN: false,
      EMBEDDING_IDLE_S: 60,
      ...more,
    });

  beforeAll(async () => {
    server = createServer((request, response) => {
      void bodyOf(request).then((text) => {
        const body = JSON.parse(text) as Asked['body'];
        asked.push({ authorization: request.headers.authorization, url: request.url, body });
        const { status = 200, body: told } = answer(body.input);
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(told));
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  });

  beforeEach(() => {
    asked = [];
    answer = vectors;
  });

  afterAll(() => new Promise((resolve) => void server.close(resolve)));

  it('is asked with key and model, and its vectors get length 1 and the order of the texts', async () => {
    const [one, three] = await embedder().embed(['a', 'abc']);
    expect(one).toEqual([1 / 3, 2 / 3, 2 / 3]);
    expect(three).toEqual([3, 2, 2].map((value) => expect.closeTo(value / Math.sqrt(17)) as number));
    expect(asked).toEqual([
      {
        authorization: 'Bearer secret',
        url: '/v1/embeddings',
        body: { model: 'tiny', input: ['a', 'abc'], encoding_format: 'float' },
      },
    ]);
    expect(embedder().model).toEqual({ name: 'tiny/3', dimensions: 3 });
  });

  it('is asked for dimensions only when it is said to shorten, and for 64 texts at once at most', async () => {
    await embedder({ EMBEDDING_SHORTEN: true }).embed(Array.from({ length: 130 }, (_, n) => `text ${n}`));
    expect(asked.map(({ body }) => [body.input.length, body.dimensions])).toEqual([
      [64, 3],
      [64, 3],
      [2, 3],
    ]);
  });

  it.each<[string, typeof answer, RegExp]>([
    ['an error, once', () => ({ status: 429, body: { error: 'slow down' } }), /answered 429/],
    ['too few vectors', () => ({ body: { data: [] } }), /0 vectors for 1 texts/],
    ['other dimensions', () => ({ body: { data: [{ embedding: [1, 2] }] } }), /2 dimensions: set EMBEDDING_DIMENSIONS/],
    ['zeros', () => ({ body: { data: [{ embedding: [0, 0, 0] }] } }), /without direction/],
    ['something else', () => ({ body: { hello: 'world' } }), /does not answer as OpenAI/],
  ])('that gives %s is unavailable', async (_, told, message) => {
    answer = told;
    await expect(embedder().embed(['a'])).rejects.toMatchObject({
      code: 'embedding_unavailable',
      message: expect.stringMatching(message) as string,
    });
    expect(asked).toHaveLength(1);
  });

  it('that is not there is unavailable, and the error does not show the key', async () => {
    const away = embedder({ EMBEDDING_URL: 'http://127.0.0.1:9/v1' });
    const failure = await away.embed(['a']).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ code: 'embedding_unavailable' });
    expect(String(failure)).not.toContain('secret');
  });
});
