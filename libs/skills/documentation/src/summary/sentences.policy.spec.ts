import { isTelling, sentencesOf } from './sentences.policy.js';

const texts = (text: string): string[] => sentencesOf(text, 'en').map((one) => one.text);

describe('the sentences of a text', () => {
  it.each([
    ['One is here. Two is there! Three?', ['One is here.', 'Two is there!', 'Three?']],
    [
      'Dr. Smith met J. Doe at Acme Inc. on Monday. They talked.',
      ['Dr. Smith met J. Doe at Acme Inc. on Monday.', 'They talked.'],
    ],
    ['A line that\nis broken goes on. Next.', ['A line that\nis broken goes on.', 'Next.']],
    ['# A heading\nThe text. More.', ['# A heading', 'The text.', 'More.']],
    ['A paragraph\n\nAnother one', ['A paragraph', 'Another one']],
    ['- first item\n- second item', ['- first item', '- second item']],
    ['Windows\r\nbreaks too.\r\n\r\nSecond.', ['Windows\r\nbreaks too.', 'Second.']],
    ['It costs 3.50 euros. Fine.', ['It costs 3.50 euros.', 'Fine.']],
    ['   ', []],
  ])('%j', (text, expected) => {
    expect(texts(text)).toEqual(expected);
  });

  it('stand where they say, whatever the text', () => {
    const text = 'Grüße aus Köln. 😀 smiles. \u0000 odd.\n\n\tIndented. Dr.\nLast';
    for (const { text: sentence, start, end } of sentencesOf(text, 'en')) expect(text.slice(start, end)).toBe(sentence);
    expect(texts(text).join('')).toHaveLength(
      text.replaceAll(/\s+/g, '').length + texts(text).join('').replaceAll(/\S/g, '').length,
    );
  });

  it('are told from headings and crumbs', () => {
    const telling = (text: string): boolean => isTelling({ text, start: 0, end: text.length });
    expect(
      ['# What this is about today', '| a | b | c | d | e |', 'Yes.', '1234 5678 9012 3456 a b c d e'].map(telling),
    ).toEqual([false, false, false, false]);
    expect(['The bridge was closed on Monday.', 'これは長い日本語の文章です。'].map(telling)).toEqual([true, true]);
  });
});
