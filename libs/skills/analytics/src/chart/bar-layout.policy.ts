import { labelSize } from './axes.policy.js';
import { shorten, textWidth } from './text-width.policy.js';
import type { AxisKind } from './x-axis.policy.js';

/**
 * upright: every label under its bar; thinned: some labels left out; tilted: those that are left, at 45 degrees;
 * lying: horizontal bars, which have room for long labels.
 */
export type BarLayout = 'upright' | 'thinned' | 'tilted' | 'lying';

/** More horizontal bars make a picture that nobody scrolls through. */
const maxLying = 60;
const usualHeight = 450;
const maxHeight = 1_920;
/** What the other axis and the margins take. */
const besideLabels = 90;

const widest = (labels: readonly string[]): number =>
  labels.reduce((width, label) => Math.max(width, textWidth(label, labelSize)), 0);

/** Whether all the labels fit side by side under a plot of this width. */
export const fitSideBySide = (labels: readonly string[], width: number): boolean =>
  widest(labels) + 6 <= (width - besideLabels) / Math.max(1, labels.length);

export const barLayout = (labels: readonly string[], kind: AxisKind, width: number): BarLayout => {
  if (fitSideBySide(labels, width)) return 'upright';
  if (kind === 'time' || kind === 'year') return 'thinned';
  return labels.length <= maxLying ? 'lying' : 'tilted';
};

/** How long a label may get, in pixels. */
export const fitLabels = (labels: readonly string[], layout: BarLayout, width: number): string[] =>
  layout === 'upright'
    ? [...labels]
    : labels.map((label) => shorten(label, labelSize, layout === 'lying' ? width * 0.4 : 110));

/** In pixels: horizontal bars need more, the more of them there are. @param above what title and legend take */
export const barsHeight = (layout: BarLayout, categories: number, bars: number, above: number): number => {
  if (layout !== 'lying') return usualHeight;
  const needed = above + 60 + categories * Math.max(22, 12 * bars + 8);
  return Math.min(maxHeight, Math.max(usualHeight, Math.ceil(needed)));
};
