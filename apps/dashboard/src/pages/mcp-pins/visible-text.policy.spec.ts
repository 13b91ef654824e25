import { partsOf } from './visible-text.policy.js';

const shown = (text: string): string =>
  partsOf(text)
    .map((part) => (part.isHidden ? `<${part.text}>` : part.text))
    .join('');

describe('the text of a definition', () => {
  it('is shown as it is where nothing hides in it', () => {
    expect(shown('Reads one file.\nПо-русски, ελληνικά, naïve 👍')).toBe(
      'Reads one file.\nПо-русски, ελληνικά, naïve 👍',
    );
    expect(partsOf('plain')).toEqual([{ text: 'plain', isHidden: false }]);
    expect(partsOf('')).toEqual([]);
  });

  it('shows what no screen does, and letters that only look like others', () => {
    expect(shown('read\u200b it')).toBe('read<[U+200B]> it');
    expect(shown('a\u202eb')).toBe('a<[U+202E]>b');
    expect(shown('x\u{e0041}\u{e0042}')).toBe('x<[U+E0041][U+E0042]>');
    expect(shown('bell\u0007')).toBe('bell<[U+0007]>');
    expect(shown('p\u0430ypal')).toBe('p<\u0430[U+0430]>ypal');
  });
});
