import type { XYChart } from './chart-input.js';

/** The labels that were asked for, else the names of the columns; several y columns stand in the legend. */
export const axisNames = ({ x, y, x_label, y_label }: XYChart): { readonly x: string; readonly y: string } => {
  const [only, ...others] = [y].flat();
  return { x: x_label ?? x, y: y_label ?? (others.length === 0 ? (only ?? '') : '') };
};
