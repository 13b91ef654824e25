// How a CSV file writes its numbers.
import type { RawColumn } from './columns.js';
import { type Decimal, decimalShown, numberText, type NumberStyle } from './numbers.policy.js';

const isWhole = (text: string): boolean => numberText(text, { decimal: ',', certain: true })?.kind === 'number';

/** The decimal separator that a column of numbers can only have; undefined for other columns and for whole numbers. */
const decimalIn = ({ texts }: RawColumn): Decimal | undefined => {
  const seen = new Set<Decimal>();
  for (const text of texts) {
    const bare = text?.trim() ?? '';
    if (bare === '') continue;
    const decimal = decimalShown(bare);
    if (decimal !== undefined) seen.add(decimal);
    else if (!isWhole(bare)) return undefined;
  }
  return seen.size === 1 ? [...seen][0] : undefined;
};

/** The style that whole columns show and no other one contradicts; a point otherwise. */
export const numberStyleOf = (
  columns: readonly RawColumn[],
  delimiter: string | undefined,
  given: Decimal | undefined,
): NumberStyle => {
  if (given !== undefined) return { decimal: given, certain: true };
  const shown = new Set(columns.map(decimalIn));
  if (shown.has(',') && !shown.has('.')) return { decimal: ',', certain: false };
  // Spreadsheets write semicolons where the comma is the decimal separator.
  return { decimal: '.', certain: false, doubtful: delimiter === ';' && (shown.has(',') || !shown.has('.')) };
};
