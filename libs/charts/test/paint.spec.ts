import { missingIn } from '../src/fonts.js';
import type { Picture } from '../src/frame.policy.js';
import { outlined } from '../src/outlines.js';
import { paint } from '../src/paint.js';
import { fontFamily } from '../src/palette.js';

const titled = (text: string): Picture => ({
  option: { animation: false, textStyle: { fontFamily }, title: { text } },
  width: 320,
  height: 240,
});

const pngOf = (text: string): string => Buffer.from(paint(titled(text)).png).toString('base64');

/** The outlines of the letters of a text that goes beyond Arimo. */
const outlinesOf = (text: string): string[] =>
  Array.from(outlined(`<text style="font-size:12px">${text}</text>`).matchAll(/ d="([^"]+)"/g), ([, d = '']) => d);

const words = {
  Arabic: 'العربية',
  Devanagari: 'हिन्दी',
  Bengali: 'বাংলা',
  Gurmukhi: 'ਪੰਜਾਬੀ',
  Gujarati: 'ગુજરાતી',
  Odia: 'ଓଡ଼ିଆ',
  Tamil: 'தமிழ்',
  Telugu: 'తెలుగు',
  Kannada: 'ಕನ್ನಡ',
  Malayalam: 'മലയാളം',
  Sinhala: 'සිංහල',
  Thai: 'ภาษาไทย',
  Lao: 'ພາສາລາວ',
  Khmer: 'ភាសាខ្មែរ',
  Burmese: 'မြန်မာ',
  Georgian: 'ქართული',
  Armenian: 'Հայերեն',
  Ethiopic: 'አማርኛ',
  Japanese: '日本語テキスト',
  'simplified Chinese': '简体中文',
  'traditional Chinese': '繁體中文',
  Korean: '한국어',
  symbols: '∑∞≠★♞⟶',
  emoji: '😀🚀❤',
} as const;

describe('a painted picture', () => {
  it('shows text in the font of its package, whatever fonts the machine has', () => {
    expect(pngOf('Rain')).not.toBe(pngOf(''));
    expect(pngOf('Regen für Ελλάδα')).not.toBe(pngOf('Regen für'));
  });

  it('is the same each time', () => {
    expect(pngOf('Rain')).toBe(pngOf('Rain'));
  });

  it('has no channel of transparency where its ground is opaque', () => {
    const colourType = (option: Picture['option']): number | undefined =>
      paint({ ...titled('Rain'), option: { ...titled('Rain').option, ...option } }).png[25];
    expect(colourType({ backgroundColor: '#ffffff' })).toBe(2);
    expect(colourType({})).toBe(6);
  });

  it.each(Object.entries(words))('draws %s letter by letter, not as boxes', (_script, word) => {
    expect(missingIn(word)).toEqual([]);
    const outlines = outlinesOf(word);
    expect(outlines.length).toBeGreaterThanOrEqual(2);
    // Boxes are all alike.
    expect(new Set(outlines).size).toBeGreaterThanOrEqual(outlines.length / 2);
    expect(pngOf(word)).not.toBe(pngOf(Array.from(word, () => '\ue000').join('')));
  });

  it.each(['Latin ąę', 'Ελληνικά', 'Кириллица', 'עברית'])('leaves %s to the font', (text) => {
    expect(missingIn(text)).toEqual([]);
    expect(outlinesOf(text)).toEqual([]);
    expect(pngOf(text)).not.toBe(pngOf(Array.from(text, () => '\ue000').join('')));
  });

  it('sets several scripts in one text, in the direction of each', () => {
    expect(outlinesOf('abc שלום عربي')).toHaveLength(outlinesOf('عربي').length + 'abcשלום'.length);
    expect(outlinesOf('a&amp;b 日')).toHaveLength(4);
  });

  it('shows a character that no font has as a box, and knows it', () => {
    expect(missingIn('a\ue000b')).toEqual(['\ue000']);
    expect(pngOf('\ue000')).not.toBe(pngOf(''));
  });

  it('bears text beyond that font', () => {
    expect(Buffer.from(paint(titled('日本')).svg).toString()).toContain('日本');
  });
});
