// How wide the columns of a table are on a page.

/** What the texts of a column take, in points. */
export interface ColumnNeed {
  /** The longest word of it, which no line can break: less cuts words. */
  readonly least: number;
  /** All of it on one line. */
  readonly whole: number;
}

/** Narrower than this nothing can be read. */
const minWidth = 24;

/**
 * Widths that sum to at most `room`: what each column needs, or, when that is too much, what it needs least and a part of
 * what is left in proportion to what it lacks.
 */
export const columnWidths = (needs: readonly ColumnNeed[], room: number): number[] => {
  const wholes = needs.map(({ whole }) => Math.max(minWidth, whole));
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  if (sum(wholes) <= room) return wholes;
  const leasts = needs.map(({ least, whole }) => Math.max(minWidth, Math.min(least, whole)));
  const scale = Math.min(1, room / sum(leasts));
  const fitting = leasts.map((least) => least * scale);
  const lacking = wholes.map((whole, at) => Math.max(0, whole - (fitting[at] ?? 0)));
  const left = Math.max(0, room - sum(fitting));
  const share = sum(lacking) === 0 ? 0 : Math.min(1, left / sum(lacking));
  return fitting.map((width, at) => width + (lacking[at] ?? 0) * share);
};
