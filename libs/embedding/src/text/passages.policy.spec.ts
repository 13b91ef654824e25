import { modelText, type Passage, passagesOf } from './passages.policy.js';

const textsOf = (text: string): string[] => passagesOf(text).map(({ from, to }) => text.slice(from, to));

const covers = (text: string, passages: readonly Passage[]): boolean =>
  passages[0]?.from === 0 &&
  passages.at(-1)?.to === text.length &&
  passages.every(({ from, to }, at) => from < to && from <= (passages[at - 1]?.to ?? 0));

const sentence = (n: number): string =>
  `Sentence number ${n} says that the nightly export of the ledger had no errors. `;
const long = Array.from({ length: 60 }, (_, n) => sentence(n)).join('');

describe('passages of a text', () => {
  it('are one when it is short', () => {
    expect(textsOf('One sentence. And another.')).toEqual(['One sentence. And another.']);
    expect(passagesOf('')).toEqual([{ from: 0, to: 0 }]);
  });

  it('are whole sentences, each beginning with the end of the one before', () => {
    const texts = textsOf(long);
    expect(texts.length).toBeGreaterThan(3);
    for (const text of texts) expect(text).toMatch(/^Sentence .*\. $/);
    for (const [at, text] of texts.slice(1).entries()) {
      const shared = /^Sentence number \d+ [^.]*\. /.exec(text)?.[0] ?? '-';
      expect(texts[at]).toContain(shared);
    }
    expect(covers(long, passagesOf(long))).toBe(true);
  });

  it.each([
    ['no sentences', 'word '.repeat(2_000)],
    ['no words', 'x'.repeat(5_000)],
    ['no spaces and no letters', '0123456789'.repeat(400)],
    ['characters of two units', '😀'.repeat(1_500)],
    ['no alphabet', '東京の倉庫は六月に閉まります'.repeat(100)],
    ['a long word between short ones', `a b ${'é'.repeat(1_000)} c d. Short end.`],
    ['only space', ' \n'.repeat(3_000)],
  ])('cover a text with %s, and cut no character', (_, text) => {
    const passages = passagesOf(text);
    expect(covers(text, passages)).toBe(true);
    for (const { from, to } of passages) expect(text.slice(from, to).isWellFormed()).toBe(true);
  });

  it('take a hostile text of the largest size in well under a second', () => {
    const texts = ['. '.repeat(16_000), 'a.'.repeat(16_000), '\u0301'.repeat(32_000), '([{'.repeat(10_666)];
    const before = process.cpuUsage();
    for (const text of texts) expect(covers(text, passagesOf(text))).toBe(true);
    // Processor time, in microseconds: a busy machine does not stretch it.
    expect(process.cpuUsage(before).user).toBeLessThan(4_000_000);
  });
});

describe('what the model is given', () => {
  it('has one spelling of a character and no runs of space', () => {
    expect(modelText('  cafe\u0301 \n\t menu ')).toBe('caf\u00e9 menu');
  });
});
