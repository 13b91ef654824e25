// The font of the page in two files, made from the one that Inter comes as: a browser loads the second when a page has a letter of it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import subsetFont from 'subset-font';

const packageFile = createRequire(import.meta.url).resolve('@fontsource-variable/inter/package.json');

/** Latin as the package has it, with the weights that the styles use. */
const source = join(dirname(packageFile), 'files/inter-latin-wght-normal.woff2');
const weights = { min: 400, max: 650 };

/** As `unicode-range` in `src/styles/base.css` has them. */
const parts = {
  'inter-basic.woff2': [
    [0x20, 0x7e],
    [0xa0, 0xa0],
    [0xb7, 0xb7],
    [0xd7, 0xd7],
    [0x2010, 0x2026],
    [0x2212, 0x2212],
  ],
  'inter-more.woff2': [
    [0xa1, 0xb6],
    [0xb8, 0xd6],
    [0xd8, 0xff],
    [0x131, 0x131],
    [0x152, 0x153],
    [0x2bb, 0x2bc],
    [0x2c6, 0x2dc],
    [0x2027, 0x206f],
    [0x20ac, 0x20ac],
    [0x2122, 0x2122],
    [0x2191, 0x2193],
  ],
} as const;

/** Kerning, figures of one width (`.num`) and the two forms of letters that `base.css` asks for: Inter has 40 more. */
const features = ['kern', 'tnum', 'cv05', 'ss03'];

const textOf = (ranges: readonly (readonly [number, number])[]): string =>
  ranges
    .flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, place) => String.fromCodePoint(from + place)))
    .join('');

/** Writes both files. @param folder where to, made when it is missing */
export const makeFonts = async (folder: string): Promise<void> => {
  mkdirSync(folder, { recursive: true });
  const font = readFileSync(source);
  for (const [name, ranges] of Object.entries(parts)) {
    const options = { targetFormat: 'woff2', variationAxes: { wght: weights }, keepFeatures: features } as const;
    writeFileSync(join(folder, name), await subsetFont(font, textOf(ranges), options));
  }
};
