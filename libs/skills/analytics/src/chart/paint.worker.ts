// The thread of the painter: SVG by echarts, PNG by resvg.
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';

import { Resvg } from '@resvg/resvg-js';
import type * as Echarts from 'echarts';

import type { Drawing, Picture } from './frame.policy.js';

const require = createRequire(import.meta.url);

// `require` loads one bundled file in 0.1 s, `import` hundreds of modules in 0.6 s.
const { init } = require('echarts') as typeof Echarts;

// Arimo has the widths of Arial, which echarts assumes when it lays out text without a browser.
const fontFiles = ['400Regular/Arimo_400Regular.ttf', '700Bold/Arimo_700Bold.ttf'].map((file) =>
  require.resolve(`@expo-google-fonts/arimo/${file}`),
);

// Other scripts use a font of the machine, which takes longer to find.
const beyondArimo =
  /[^\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Common}\p{Script=Inherited}]/u;

const draw = ({ option, width, height }: Picture): string => {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption(option);
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
};

const rasterise = (svg: string): Uint8Array => {
  const loadSystemFonts = beyondArimo.test(svg);
  const font = { fontFiles, loadSystemFonts, defaultFontFamily: 'Arimo', sansSerifFamily: 'Arimo' };
  return new Resvg(svg, { font, fitTo: { mode: 'zoom', value: 2 } }).render().asPng();
};

/** Draws a picture on the calling thread: 30 to 80 ms of CPU, a second for ten thousand points. */
export const paint = (picture: Picture): Drawing => {
  const svg = draw(picture);
  return { svg: Buffer.from(svg), png: rasterise(svg) };
};

parentPort?.on('message', ({ id, picture }: { id: number; picture: Picture }) => {
  try {
    parentPort?.postMessage({ id, drawing: paint(picture) });
  } catch (error) {
    parentPort?.postMessage({ id, error });
  }
});
