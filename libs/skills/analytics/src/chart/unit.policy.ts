/** What the numbers along an axis are divided by, and the word for it. */
export interface Unit {
  readonly divisor: number;
  readonly word: string;
}

const units: readonly (Unit & { readonly from: number })[] = [
  { from: 1e12, divisor: 1e12, word: 'trillions' },
  { from: 1e9, divisor: 1e9, word: 'billions' },
  { from: 1e6, divisor: 1e6, word: 'millions' },
  // 20,000 reads well in full.
  { from: 1e5, divisor: 1e3, word: 'thousands' },
];

const ones: Unit = { divisor: 1, word: '' };

/** Thousands, millions and so on, as the largest number asks. */
export const unitOf = (values: readonly (number | null)[]): Unit => {
  const largest = values.reduce<number>((max, value) => Math.max(max, Math.abs(value ?? 0)), 0);
  return units.find(({ from }) => largest >= from) ?? ones;
};

/** The name of an axis with its unit. */
export const nameWithUnit = (name: string, { word }: Unit): string => {
  if (word === '') return name;
  return name === '' ? word : `${name} (${word})`;
};

/** Without the digits that a division leaves behind, such as 0.30000000000000004. */
export const scaled = (value: number, { divisor }: Unit): number => Number((value / divisor).toPrecision(12));

/** As {@link scaled}; null stays null. */
export const scaledOrNull = (value: number | null, unit: Unit): number | null =>
  value === null ? null : scaled(value, unit);
