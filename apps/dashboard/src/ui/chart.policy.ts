// What a chart is made of, apart from how it is drawn.

export interface Series {
  readonly name: string;
  /** One value for each point in time; null: none is known. */
  readonly values: readonly (number | null)[];
  /** A token of a colour: `--series-1`. By default the next of eight. */
  readonly color?: string;
}

export interface ChartData {
  /** Seconds of the epoch, ascending. */
  readonly at: readonly number[];
  readonly series: readonly Series[];
}

export const colorOf = ({ color }: Series, index: number): string => color ?? `--series-${(index % 8) + 1}`;

/** The sums of the series from the first to each: the upper edges of a stack. */
export const stacked = (series: readonly Series[]): (number | null)[][] => {
  const sums: number[] = [];
  return series.map(({ values }) =>
    values.map((value, index) => {
      sums[index] = (sums[index] ?? 0) + (value ?? 0);
      return value === null ? null : (sums[index] ?? 0);
    }),
  );
};

/** Places of values that have none beside them: a line through them has no length, so they are drawn as points. */
export const lonely = (values: readonly (number | null | undefined)[]): number[] =>
  values.flatMap((value, index) =>
    (value ?? null) !== null && (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null
      ? [index]
      : [],
  );

/**
 * The series that a click means: of a stack the layer that was hit, or the uppermost; of lines the nearest. Undefined where
 * none has a value.
 * @param value on the axis where the click was
 */
export const pickedSeries = (
  series: readonly Series[],
  { index, value, isStack }: { readonly index: number; readonly value: number; readonly isStack: boolean },
): Series | undefined => {
  const there = series.filter(({ values }) => (isStack ? (values[index] ?? 0) > 0 : (values[index] ?? null) !== null));
  if (isStack) {
    const edges = stacked(there);
    return there.find((_, order) => value <= (edges[order]?.[index] ?? 0)) ?? there.at(-1);
  }
  const distance = ({ values }: Series): number => Math.abs((values[index] ?? 0) - value);
  return there.toSorted((a, b) => distance(a) - distance(b))[0];
};

const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** The figures as CSV (RFC 4180). A name that a spreadsheet would run as a formula is marked as text. */
export const csvOf = ({ at, series }: ChartData): string => {
  const safe = (name: string): string => quoted(/^[=+\-@\t\r]/.test(name) ? `'${name}` : name);
  const head = ['time', ...series.map(({ name }) => safe(name))];
  const rows = at.map((seconds, index) => [
    new Date(seconds * 1_000).toISOString(),
    ...series.map(({ values }) => String(values[index] ?? '')),
  ]);
  return [head, ...rows].map((row) => row.join(',')).join('\r\n');
};

/** A text inside SVG. */
export const svgText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

export interface SvgLook {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly text: string;
  readonly line: string;
  readonly background: string;
  /** Colours of the series, in their order. */
  readonly colors: readonly string[];
  readonly kind: 'line' | 'area' | 'bars';
  readonly valueText: (value: number) => string;
  readonly timeText: (seconds: number) => string;
}

/** Round steps of an axis that begins at zero: 1, 2 or 5 times a power of ten. */
export const ticksOf = (max: number, wanted = 5): number[] => {
  if (!(max > 0)) return [0, 1];
  const rough = max / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.ceil(max / step) + 1 }, (_, index) => Number((index * step).toPrecision(12)));
};

const round = (value: number): number => Number(value.toFixed(1));

/** The chart as an SVG file of its own: shapes and texts, nothing that runs. */
export const svgOf = ({ at, series }: ChartData, look: SvgLook): string => {
  const { width, height, kind } = look;
  const edges = kind === 'line' ? series.map(({ values }) => [...values]) : stacked(series);
  const [left, right, top, bottom] = [56, width - 16, 44, height - 52];
  const ticks = ticksOf(Math.max(0, ...edges.flat().map((value) => value ?? 0)));
  const max = ticks.at(-1) ?? 1;
  const [from = 0, to = 1] = [at[0], at.at(-1)];
  const slot = (right - left) / Math.max(1, at.length);
  const x = (index: number): number =>
    kind === 'bars'
      ? left + (index + 0.5) * slot
      : left + (((at[index] ?? from) - from) / Math.max(1, to - from)) * (right - left);
  const y = (value: number): number => bottom - (value / max) * (bottom - top);
  const grid = ticks.map(
    (tick) =>
      `<path d="M${left} ${round(y(tick))}H${right}" stroke="${look.line}"/><text x="${left - 8}" y="${round(y(tick) + 4)}" text-anchor="end">${svgText(look.valueText(tick))}</text>`,
  );
  const places =
    at.length < 2
      ? at.map((_, index) => index)
      : [0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * (at.length - 1)));
  const times = [...new Set(places)].map(
    (index) =>
      `<text x="${round(x(index))}" y="${bottom + 18}" text-anchor="middle">${svgText(look.timeText(at[index] ?? 0))}</text>`,
  );
  const shapes = edges.map((values, order) => {
    const color = look.colors[order] ?? '#888';
    if (kind === 'bars') {
      const below = edges[order - 1];
      return values
        .map((value, index) => {
          const from = below?.[index] ?? 0;
          return value === null || value <= from
            ? ''
            : `<rect x="${round(x(index) - slot * 0.36)}" y="${round(y(value))}" width="${round(Math.max(1, slot * 0.72))}" height="${round(y(from) - y(value))}" fill="${color}"/>`;
        })
        .join('');
    }
    const path = pathOf(values, x, y);
    const under =
      kind === 'area'
        ? `<path d="${areaOf(values, order === 0 ? undefined : edges[order - 1], x, y)}" fill="${color}" fill-opacity=".22"/>`
        : '';
    const points = lonely(values)
      .map((index) => `<circle cx="${round(x(index))}" cy="${round(y(values[index] ?? 0))}" r="2.5" fill="${color}"/>`)
      .join('');
    return `${under}<path d="${path}" fill="none" stroke="${color}" stroke-width="1.8" stroke-linejoin="round"/>${points}`;
  });
  const legend = series.map(({ name }, index) => {
    const place = left + index * Math.min(150, (right - left) / Math.max(1, series.length));
    return `<rect x="${round(place)}" y="${height - 18}" width="9" height="9" rx="2" fill="${look.colors[index] ?? '#888'}"/><text x="${round(place + 14)}" y="${height - 10}">${svgText(name)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Inter, system-ui, sans-serif" font-size="11" fill="${look.text}"><title>${svgText(look.title)}</title><rect width="${width}" height="${height}" fill="${look.background}"/><text x="16" y="24" font-size="14" font-weight="600">${svgText(look.title)}</text>${grid.join('')}${times.join('')}${shapes.join('')}${legend.join('')}</svg>`;
};

const pathOf = (
  values: readonly (number | null)[],
  x: (index: number) => number,
  y: (value: number) => number,
): string =>
  values
    .map((value, index) =>
      value === null ? '' : `${(values[index - 1] ?? null) === null ? 'M' : 'L'}${round(x(index))} ${round(y(value))}`,
    )
    .join('');

const areaOf = (
  values: readonly (number | null)[],
  below: readonly (number | null)[] | undefined,
  x: (index: number) => number,
  y: (value: number) => number,
): string => {
  const known = values.flatMap((value, index) => (value === null ? [] : [[index, value] as const]));
  const up = known.map(([index, value]) => `${round(x(index))} ${round(y(value))}`);
  const down = known.map(([index]) => `${round(x(index))} ${round(y(below?.[index] ?? 0))}`).reverse();
  return up.length === 0 ? '' : `M${[...up, ...down].join('L')}Z`;
};
