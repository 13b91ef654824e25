// The option as echarts gets it: with numbers where it would take texts of tenants for keys of its own objects. The texts
// themselves come from functions, which no other thread could be sent.
import type { EChartsOption } from 'echarts';

type Part = Readonly<Record<string, unknown>>;

const partsOf = (value: unknown): readonly Part[] =>
  [value ?? []].flat().map((part: unknown) => (typeof part === 'object' ? { ...part } : { value: part }));

// A word joiner, which has no width.
const guard = '\u2060';

/** Texts are keys of the cache of their widths: none may be the name of a member that every object has. */
const guarded = (text: unknown): string =>
  String(text)
    .split('\n')
    .map((line) => (line in {} ? `${guard}${line}` : line))
    .join('\n');

const members = Object.getOwnPropertyNames(Object.prototype).join('|');

const textGuard = new RegExp(`(?<=>)${guard}(?=(?:${members})<)`, 'g');

// Tags and styles: texts hold no `<`.
const markup = /<style[^]*?<\/style>|<[^>]*>/g;
const generated = /\bzr\d+-c(?:ls-)?\d+\b/g;

/** The picture with its texts as they are, and with ids that do not depend on the pictures drawn before. */
export const plainSvg = (svg: string): string => {
  const ids = new Map<string, string>();
  const idFor = (name: string): string => {
    const id = ids.get(name) ?? `c${ids.size}`;
    ids.set(name, id);
    return id;
  };
  return svg.replaceAll(textGuard, '').replaceAll(markup, (part) => part.replaceAll(generated, idFor));
};

/** In echarts a name is a text. */
const idOf = (index: number): string => `n${index}`;
const indexOfId = (id: string): number => Number(id.slice(1));

/** Series are drawn in the order of the legend. */
const withLegend = (legend: Part): Part => {
  const names = legend['data'] as readonly string[];
  return {
    ...legend,
    data: names.map((_, index) => idOf(index)),
    formatter: (id: string) => guarded(names[indexOfId(id)]),
  };
};

const withTitle = (title: Part): Part => ({
  ...title,
  ...('text' in title ? { text: guarded(title['text']) } : {}),
  ...('subtext' in title ? { subtext: guarded(title['subtext']) } : {}),
});

const withSeries = (series: Part, index: number): Part => ({
  ...series,
  name: idOf(index),
  ...(series['type'] === 'pie' ? { data: partsOf(series['data']).map(withSlice) } : {}),
});

const withSlice = (slice: Part, index: number): Part => ({
  ...slice,
  name: idOf(index),
  label: { formatter: () => guarded(slice['text'] ?? slice['name']) },
});

const withAxis = (axis: Part): Part => {
  const labels = axis['data'] as readonly unknown[] | undefined;
  const named = 'name' in axis ? { ...axis, name: guarded(axis['name']) } : axis;
  if (labels === undefined) return named;
  const axisLabel = {
    ...(axis['axisLabel'] as object),
    formatter: (_: string, index: number) => guarded(labels[index]),
  };
  return { ...named, data: labels.map((_, index) => idOf(index)), axisLabel };
};

/** To be drawn, and its picture to go through {@link plainSvg}. */
export const drawnOption = (option: EChartsOption): EChartsOption => ({
  ...option,
  series: partsOf(option.series).map(withSeries),
  ...(option.title === undefined ? {} : { title: partsOf(option.title).map(withTitle) }),
  ...(option.legend === undefined ? {} : { legend: partsOf(option.legend).map(withLegend) }),
  ...(option.xAxis === undefined ? {} : { xAxis: partsOf(option.xAxis).map(withAxis) }),
  ...(option.yAxis === undefined ? {} : { yAxis: partsOf(option.yAxis).map(withAxis) }),
});
