import { summary } from './run.js';

// Three things are told, each of them twice in other words, among asides.
const text = `# The harbour report

The harbour of the town handled more ships this year than ever before. In total, more vessels called at the port
in the past twelve months than in any earlier year. Dr. Amsel, who leads the office, wore a green coat.

Most of the growth came from ferries that carry lorries to the islands. Lorry ferries to the islands account for the
largest part of the increase in traffic. Lunch was served at noon.

The old quay must be repaired before winter, because storms have washed away its foundation. Storm damage to the
foundation means that repairs of the old quay cannot wait until after the winter. The meeting ended at four.`;

describe('the summary of a text', () => {
  it('is made of sentences as they stand in it, in its order', async () => {
    const result = await summary({ text, sentences: 3 });
    expect(result).toMatchObject({ enough: true, sentences_in_text: 10, sentences_considered: 9 });
    expect(result.sentences).toHaveLength(3);
    for (const { text: sentence, start, end } of result.sentences) expect(text.slice(start, end)).toBe(sentence);
    expect(result.sentences.map(({ start }) => start)).toEqual(
      result.sentences.map(({ start }) => start).toSorted((a, b) => a - b),
    );
    expect(result.sentences.map(({ rank }) => rank).toSorted()).toEqual([1, 2, 3]);
  });

  it('leaves asides out, and says nothing twice', async () => {
    const { sentences } = await summary({ text, sentences: 3 });
    const chosen = sentences.map((one) => one.text).join(' ');
    expect(chosen).not.toMatch(/green coat|Lunch|meeting/);
    expect(chosen).toMatch(/quay/);
    expect(chosen).toMatch(/ferries/i);
  });

  it('is none of a text that is too short', async () => {
    expect(
      await summary({ text: 'The bridge was closed on Monday. Nobody was hurt by it.', sentences: 5 }),
    ).toMatchObject({
      enough: false,
      reason: 'The text has 2 sentences to choose from: 5 of them would be the text itself',
      sentences: [],
      coverage: null,
    });
  });

  it('says when the model does not know the language', async () => {
    const { notes } = await summary({
      text: 'Это очень длинное предложение о море. '.repeat(3),
      sentences: 1,
      locale: 'ru',
    });
    expect(notes).toHaveLength(1);
  });

  it.each([{ text: 'a', reference: 'upload:a' }, {}, { text: 'a', locale: 'not a locale' }])(
    'wants a text or a reference: %j',
    async (input) => {
      await expect(summary(input)).rejects.toMatchObject({ code: 'invalid_payload' });
    },
  );

  it('is refused for more sentences than can be embedded in its time', async () => {
    const long = 'The ship came into the harbour today. '.repeat(4_001);
    await expect(summary({ text: long })).rejects.toMatchObject({ code: 'document_too_large' });
  });
});
