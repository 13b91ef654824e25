// Colours, symbols and the font.
import type { Chart } from './chart-input.js';

interface Theme {
  readonly ground: string;
  readonly text: string;
  readonly softText: string;
  readonly axis: string;
  readonly grid: string;
  /**
   * Colours that stay apart for colour-blind readers: Okabe and Ito, "Color Universal Design" (2008), and a grey,
   * without the one that fades on this ground.
   */
  readonly series: readonly [string, ...string[]];
  /** From little to much, of one hue and ever further from the ground, so that no one needs to tell hues apart. */
  readonly ramp: readonly [string, string, string];
}

export const themes = {
  light: {
    ground: '#ffffff',
    text: '#1f2328',
    softText: '#57606a',
    axis: '#8c959f',
    grid: '#e6e8eb',
    series: ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#d55e00', '#56b4e9', '#8a8a8a'],
    ramp: ['#dceaf5', '#4b9cd0', '#00365c'],
  },
  dark: {
    ground: '#16191d',
    text: '#f0f3f6',
    softText: '#a9b3bd',
    axis: '#6e7681',
    grid: '#2b3137',
    series: ['#56b4e9', '#e69f00', '#009e73', '#cc79a7', '#f0e442', '#d55e00', '#a6a6a6'],
    ramp: ['#22384a', '#3187bd', '#d3edfb'],
  },
} as const satisfies Record<Chart['theme'], Theme>;

/** Beyond the colours, so that the eighth series does not look like the first. */
export const lineTypes = ['solid', 'dashed', 'dotted'] as const;
export const symbols = ['circle', 'triangle', 'rect', 'diamond', 'pin', 'arrow', 'roundRect'] as const;

/** Has the widths of Arial, so that the SVG looks alike where only Arial or a twin of it is installed. */
export const fontFamily = "Arimo, Arial, 'Liberation Sans', Helvetica, sans-serif";

export const pick = <T>(list: readonly [T, ...T[]], index: number): T => list[index % list.length] ?? list[0];

/** How often the series colours have been gone through before this one. */
export const roundOf = (index: number): number => Math.floor(index / themes.light.series.length);

const channels = (hex: string): number[] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

const blend = (hex: string, other: string, share: number): string => {
  const to = channels(other);
  const mixed = channels(hex).map((value, at) => Math.round(value + ((to[at] ?? 0) - value) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
};

/** The colour of a series: after the seventh paler, after the fourteenth stronger. */
export const seriesColour = (theme: Chart['theme'], index: number): string => {
  const { series, ground, text } = themes[theme];
  const colour = pick(series, index);
  const round = roundOf(index) % 3;
  return round === 0 ? colour : blend(colour, round === 1 ? ground : text, 0.45);
};

/** The colour for a share of the way from little to much. @param share from 0 to 1 */
export const rampColour = (theme: Chart['theme'], share: number): string => {
  const [little, middle, much] = themes[theme].ramp;
  return share < 0.5 ? blend(little, middle, share * 2) : blend(middle, much, share * 2 - 1);
};

/** The same with an alpha channel: drawn at once, where an opacity costs a layer for each point. */
export const translucent = (hex: string, alpha: number): string => `rgba(${channels(hex).join(',')},${alpha})`;
