const seconds = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

const isUnit = (unit: string): unit is keyof typeof seconds => Object.hasOwn(seconds, unit);

const tenYearsS = 3_650 * seconds.d;

/** Seconds of a time span like `90s`, `15m`, `12h` or `30d`, up to ten years; undefined for anything else. */
export const secondsOf = (text: string): number | undefined => {
  const [, amount = '', unit = ''] = /^(\d{1,9})([a-z])$/.exec(text) ?? [];
  if (!isUnit(unit)) return undefined;
  const span = Number(amount) * seconds[unit];
  return span <= tenYearsS ? span : undefined;
};
