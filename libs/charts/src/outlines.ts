// Texts beyond the font Arimo as outlines, shaped by HarfBuzz: resvg takes one other font for a whole text, and sets the
// letters of Indic scripts over each other.
import { readFileSync } from 'node:fs';

import * as hb from 'harfbuzzjs';

import { arimo, type Font, type FontRun, fontRuns } from './fonts.js';
import { type VisualRun, visualRuns } from './visual-runs.js';

const shapers = new Map<string, hb.Font>();

/** Kept as long as the thread: a font has up to 12 MB. */
const shaperOf = (file: string): hb.Font => {
  const known = shapers.get(file);
  if (known !== undefined) return known;
  const shaper = new hb.Font(new hb.Face(new hb.Blob(readFileSync(file))));
  shapers.set(file, shaper);
  return shaper;
};

interface Outlines {
  readonly paths: string;
  /** In pixels. */
  readonly width: number;
}

const fileOf = ({ files: [regular, bold] }: Font, isBold: boolean): string => (isBold ? (bold ?? regular) : regular);

const shaped = ({ font, text, level }: VisualRun, size: number, isBold: boolean, start: number): Outlines => {
  const shaper = shaperOf(fileOf(font, isBold));
  const buffer = new hb.Buffer();
  buffer.addText(text);
  buffer.guessSegmentProperties();
  buffer.setDirection(level % 2 === 1 ? hb.Direction.RTL : hb.Direction.LTR);
  hb.shape(shaper, buffer);
  const scale = size / shaper.face.upem;
  let pen = 0;
  const paths = buffer.getGlyphInfosAndPositions().map(({ codepoint, xAdvance = 0, xOffset = 0, yOffset = 0 }) => {
    const [x, y] = [start + (pen + xOffset) * scale, -yOffset * scale];
    pen += xAdvance;
    const outline = shaper.glyphToPath(codepoint);
    return outline === '' ? '' : `<path transform="translate(${x} ${y}) scale(${scale} ${-scale})" d="${outline}"/>`;
  });
  return { paths: paths.join(''), width: pen * scale };
};

const outlinesOf = (text: string, runs: readonly FontRun[], size: number, isBold: boolean): Outlines => {
  return visualRuns(text, runs).reduce<Outlines>(
    ({ paths, width }, run) => {
      const next = shaped(run, size, isBold, width);
      return { paths: paths + next.paths, width: width + next.width };
    },
    { paths: '', width: 0 },
  );
};

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

const decoded = (xml: string): string =>
  xml.replaceAll(/&(?:#(\d+)|(\w+));/g, (entity, code: string | undefined, name: string | undefined) =>
    code === undefined ? (entities[name ?? ''] ?? entity) : String.fromCodePoint(Number(code)),
  );

const attribute = (attributes: string, name: string): string | undefined =>
  new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1];

const anchors: Readonly<Record<string, number>> = { middle: 0.5, end: 1 };

/** Half of what Arimo rises over its baseline less what it falls below, in font sizes. */
const central = (0.905 - 0.212) / 2;

const outlinedText = (attributes: string, text: string, runs: readonly FontRun[]): string => {
  const style = attribute(attributes, 'style') ?? '';
  const size = Number(/font-size:\s*([\d.]+)px/.exec(style)?.[1] ?? 12);
  const { paths, width } = outlinesOf(text, runs, size, style.includes('font-weight:bold'));
  const x =
    Number(attribute(attributes, 'x') ?? 0) - width * (anchors[attribute(attributes, 'text-anchor') ?? ''] ?? 0);
  const isCentral = attribute(attributes, 'dominant-baseline') === 'central';
  const y = Number(attribute(attributes, 'y') ?? 0) + (isCentral ? central * size : 0);
  const outer = attribute(attributes, 'transform') ?? '';
  return `<g transform="${outer} translate(${x} ${y})" fill="${attribute(attributes, 'fill') ?? '#000'}">${paths}</g>`;
};

const beyondAscii = /[^\u0000-\u007f]/;

/** The SVG of echarts, with outlines in place of texts that Arimo does not have. */
export const outlined = (svg: string): string =>
  svg.replaceAll(/<text ([^>]*)>([^<]+)<\/text>/g, (element, attributes: string, xml: string) => {
    if (!beyondAscii.test(xml)) return element;
    const text = decoded(xml);
    const runs = fontRuns(text);
    return runs.every(({ font }) => font === arimo) ? element : outlinedText(attributes, text, runs);
  });
