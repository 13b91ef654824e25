import { keptSizes, keptText } from './kept.js';

/** Rows of a dataset that are kept with its version. */
export const maxPreviewRows = 100;

/** Of all rows together, as JSON. */
const maxBytes = 1_048_576;

const bounded = (value: unknown): unknown => {
  if (typeof value === 'string') return keptText(value, keptSizes.member);
  const json = JSON.stringify(value);
  // A nested value is shown as text where it is too long to be shown whole.
  return typeof json === 'string' && json.length > keptSizes.member
    ? keptText(json, keptSizes.member)
    : (value ?? null);
};

/**
 * The first rows as they are kept: a hundred at most, a megabyte together at most, each cell with 2,000 characters at most.
 * What a cell has more is named at its end.
 */
export const keptPreview = (rows: readonly (readonly unknown[])[]): unknown[][] => {
  let left = maxBytes;
  const kept: unknown[][] = [];
  for (const row of rows.slice(0, maxPreviewRows)) {
    const cells = row.map(bounded);
    left -= Buffer.byteLength(JSON.stringify(cells)) + 1;
    if (left < 0) break;
    kept.push(cells);
  }
  return kept;
};
