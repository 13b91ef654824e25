// The fonts of this package, and which of them a text needs.
import { createRequire } from 'node:module';

import { codePointsOf } from './font-coverage.js';

const require = createRequire(import.meta.url);

const fileOf = (font: string, file: string): string => require.resolve(`@expo-google-fonts/${font}/${file}`);

/** Regular weights, in the order in which they are asked for a character: those of one script before those of symbols. */
const beyondArimo = [
  ['noto-sans-arabic', 'NotoSansArabic'],
  ['noto-sans-devanagari', 'NotoSansDevanagari'],
  ['noto-sans-bengali', 'NotoSansBengali'],
  ['noto-sans-gurmukhi', 'NotoSansGurmukhi'],
  ['noto-sans-gujarati', 'NotoSansGujarati'],
  ['noto-sans-oriya', 'NotoSansOriya'],
  ['noto-sans-tamil', 'NotoSansTamil'],
  ['noto-sans-telugu', 'NotoSansTelugu'],
  ['noto-sans-kannada', 'NotoSansKannada'],
  ['noto-sans-malayalam', 'NotoSansMalayalam'],
  ['noto-sans-sinhala', 'NotoSansSinhala'],
  ['noto-sans-thai', 'NotoSansThai'],
  ['noto-sans-lao', 'NotoSansLao'],
  ['noto-sans-khmer', 'NotoSansKhmer'],
  ['noto-sans-myanmar', 'NotoSansMyanmar'],
  ['noto-sans-georgian', 'NotoSansGeorgian'],
  ['noto-sans-armenian', 'NotoSansArmenian'],
  ['noto-sans-ethiopic', 'NotoSansEthiopic'],
  // Han of all countries, kana, bopomofo: one weight in a package, where Noto ships nine of 10 MB each.
  ['chocolate-classical-sans', 'ChocolateClassicalSans'],
  ['gowun-dodum', 'GowunDodum'],
  ['noto-sans-math', 'NotoSansMath'],
  ['noto-sans-symbols', 'NotoSansSymbols'],
  ['noto-sans-symbols-2', 'NotoSansSymbols2'],
  ['noto-emoji', 'NotoEmoji'],
] as const;

export interface Font {
  readonly files: readonly [string, ...string[]];
  /** Read when a text first needs it: 0.2 to 10 ms. */
  covers(codePoint: number): boolean;
}

const fontOf = (files: readonly [string, ...string[]]): Font => {
  let covered: ReadonlySet<number> | undefined;
  return { files, covers: (codePoint) => (covered ??= codePointsOf(files[0])).has(codePoint) };
};

/** Arimo has the widths of Arial, which echarts assumes when it lays out text without a browser. */
export const arimo = fontOf([
  fileOf('arimo', '400Regular/Arimo_400Regular.ttf'),
  fileOf('arimo', '700Bold/Arimo_700Bold.ttf'),
]);

const others = beyondArimo.map(([font, name]) => fontOf([fileOf(font, `400Regular/${name}_400Regular.ttf`)]));

// Of Latin, Greek and Cyrillic text no font needs to be read; joiners and selectors have no form of their own.
const plain = /[\u0000-\u024f\u0370-\u03ff\u0410-\u044f\p{Default_Ignorable_Code_Point}\p{Cc}\s]/u;

const beyondPlain = (text: string): string[] => [...new Set(text)].filter((char) => !plain.test(char));

/** The first font that has all of these characters, so that they are shaped as one; else the first that has one of them. */
const fontFor = (chars: readonly string[]): Font | undefined => {
  if (chars.length === 0) return arimo;
  const codePoints = chars.map((char) => char.codePointAt(0) ?? 0);
  const fonts = [arimo, ...others];
  return (
    fonts.find((font) => codePoints.every((codePoint) => font.covers(codePoint))) ??
    fonts.find((font) => codePoints.some((codePoint) => font.covers(codePoint)))
  );
};

/** Characters that no font of this package has. */
export const missingIn = (text: string): string[] => beyondPlain(text).filter((char) => fontFor([char]) === undefined);

const segmenter = new Intl.Segmenter();

/** A part of a text with the font that has all of it. */
export interface FontRun {
  readonly font: Font;
  readonly text: string;
}

/** The parts of a text, in its order. The fonts of the machine are not asked: a picture is the same everywhere. */
export const fontRuns = (text: string): FontRun[] => {
  const runs: FontRun[] = [];
  for (const { segment } of segmenter.segment(text)) {
    const font = fontFor(beyondPlain(segment)) ?? arimo;
    const last = runs.at(-1);
    if (last?.font === font) runs.splice(-1, 1, { font, text: last.text + segment });
    else runs.push({ font, text: segment });
  }
  return runs;
};
