// Texts in parts of one font and one direction, from left to right.
import { createRequire } from 'node:module';

import type bidiFactory from 'bidi-js';

import { type FontRun, fontRuns } from './fonts.js';

// CommonJS with the types of a module.
const bidi = (createRequire(import.meta.url)('bidi-js') as typeof bidiFactory.default)();

/** Part of a text that has one font and one direction. */
export interface VisualRun extends FontRun {
  /** Odd from right to left. */
  readonly level: number;
}

/** Embedding levels per UTF-16 unit. */
const splitByLevel = (runs: readonly FontRun[], levels: Uint8Array): VisualRun[] => {
  const found: VisualRun[] = [];
  let at = 0;
  for (const { font, text } of runs) {
    for (const char of text) {
      const level = levels[at] ?? 0;
      const last = found.at(-1);
      if (last?.font === font && last.level === level) found.splice(-1, 1, { ...last, text: last.text + char });
      else found.push({ font, text: char, level });
      at += char.length;
    }
  }
  return found;
};

/** From left to right: rule L2 of https://www.unicode.org/reports/tr9/, on runs instead of characters. */
const inVisualOrder = (runs: readonly VisualRun[]): readonly VisualRun[] => {
  const highest = Math.max(0, ...runs.map(({ level }) => level));
  let ordered = [...runs];
  for (let level = highest; level > 0; level -= 1) {
    const next: VisualRun[] = [];
    let turned: VisualRun[] = [];
    for (const run of ordered) {
      if (run.level >= level) turned.unshift(run);
      else {
        next.push(...turned, run);
        turned = [];
      }
    }
    ordered = [...next, ...turned];
  }
  return ordered;
};

/** The direction that a text begins with, by its first strong letter. */
export type Direction = 'ltr' | 'rtl';

export const directionOf = (text: string): Direction =>
  (bidi.getEmbeddingLevels(text, 'auto').paragraphs[0]?.level ?? 0) % 2 === 1 ? 'rtl' : 'ltr';

/** As it stands in a line from right to left: ( for ). HarfBuzz does it by itself. */
export const mirrored = (text: string): string =>
  Array.from(text, (char) => bidi.getMirroredCharacter(char) ?? char).join('');

/**
 * The parts of a line in the order in which they are set.
 * @param runs of {@link fontRuns}, where they are known. @param base of the paragraph
 */
export const visualRuns = (
  text: string,
  runs: readonly FontRun[] = fontRuns(text),
  base: Direction = 'ltr',
): readonly VisualRun[] => inVisualOrder(splitByLevel(runs, bidi.getEmbeddingLevels(text, base).levels));
