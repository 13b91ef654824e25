import { EmbeddingUnavailable, cosine, passagesOf } from '../src/index.js';
import { MiniLmEmbedder } from '../src/local/minilm.embedder.js';
import { eventually } from '@pulser/testing';

describe('MiniLM in a thread', () => {
  const embedder = new MiniLmEmbedder(60_000);

  afterAll(() => embedder.close());

  it('gives unit vectors in the order of the texts, more than one call takes', async () => {
    const texts = Array.from({ length: 30 }, (_, n) => `Text number ${n} about ${n % 2 === 0 ? 'ships' : 'taxes'}.`);
    const vectors = await embedder.embed(texts);
    const again = await Promise.all(texts.map((text) => embedder.embed([text], 'later')));
    expect(vectors).toHaveLength(30);
    for (const [at, vector] of vectors.entries()) {
      expect([vector.length, Math.hypot(...vector)]).toEqual([384, expect.closeTo(1, 6)]);
      expect(cosine(vector, again[at]?.[0] ?? [])).toBeGreaterThan(0.999_99);
    }
  });

  it('does not hold up the event loop', async () => {
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 5);
    await embedder.embed(['word '.repeat(300)]);
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(5);
  });

  it('answers what is urgent before what waits', async () => {
    const ended: string[] = [];
    const later = Array.from({ length: 40 }, (_, n) =>
      embedder.embed([`later ${n}`], 'later').then(() => ended.push('later')),
    );
    await embedder.embed(['now']).then(() => ended.push('now'));
    await Promise.all(later);
    expect(ended.indexOf('now')).toBeLessThanOrEqual(16);
  });

  it.each([
    ['prose', 'The quarterly review of the warehouse showed that forty pallets had been misplaced by contractors. '],
    ['names and numbers', 'Zybrqwk-4417 Przemyśl 88.204.13.7 ID_00fe93ab Kraftfahrzeughaftpflichtversicherung; '],
    ['another script', 'Склад в Лионе закрыт на инвентаризацию. 倉庫は六月に閉まります。 '],
  ])(
    'sees each passage of %s to its end',
    async (_, sentence) => {
      const text = sentence.repeat(60);
      for (const { from, to } of passagesOf(text).slice(0, 3)) {
        const passage = text.slice(from, to).trim();
        // The last word before the full stop is exchanged: a model that did not see it would give the same vector.
        const [seen, changed] = await embedder.embed([passage, passage.slice(0, -12) + ' elephants']);
        expect(cosine(seen ?? [], changed ?? [])).toBeLessThan(0.999_999);
      }
    },
    240_000,
  );

  it('takes every text there is', async () => {
    const vectors = await embedder.embed(['', ' ', '\u0000', '😀', 'x'.repeat(100_000), '\ud800']);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  });

  it('lets the thread go when it is idle, and starts it again', async () => {
    const shortly = new MiniLmEmbedder(50);
    await shortly.embed(['one']);
    await eventually(() => {
      expect(shortly.loaded).toBe(false);
    });
    expect(await shortly.embed(['two'])).toHaveLength(1);
    await shortly.close();
  });

  it('lets the thread go after work in the background, unless a caller has asked', async () => {
    const shortly = new MiniLmEmbedder(60_000);
    await shortly.embed(['one'], 'later');
    await shortly.release();
    expect(shortly.loaded).toBe(false);
    await Promise.all([shortly.embed(['two'], 'later'), shortly.embed(['three'], 'now')]);
    await shortly.release();
    expect(shortly.loaded).toBe(true);
    await shortly.close();
  });

  it('fails what is under way when it is closed', async () => {
    const closing = new MiniLmEmbedder(60_000);
    const asked = closing.embed(['one']);
    const refused = expect(asked).rejects.toThrow(EmbeddingUnavailable);
    await closing.close();
    await refused;
  });
});
