// Numbers as people read them, the same everywhere.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** All digits: `12,345`. */
export const count = (value: number): string => whole.format(value);

/** For places without room: `12.3K`, `4.1M`. */
export const shortCount = (value: number): string =>
  Math.abs(value) < 10_000 ? whole.format(value) : short.format(value);

/** A share from 0 to 1 as a percentage; small ones keep a digit. */
export const percent = (share: number): string => {
  const value = share * 100;
  if (value !== 0 && Math.abs(value) < 0.1) return '< 0.1%';
  return `${Number(value.toFixed(Math.abs(value) < 10 ? 1 : 0))}%`;
};

const sizes = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes in powers of 1,000: `340 B`, `39 kB`, `1.2 GB`. */
export const bytes = (value: number): string => {
  const step = value < 1_000 ? 0 : Math.min(sizes.length - 1, Math.floor(Math.log10(value) / 3));
  const scaled = value / 1_000 ** step;
  return `${Number(scaled.toFixed(scaled < 10 && step > 0 ? 1 : 0))} ${sizes[step] ?? 'B'}`;
};

/** Micro-dollars as US dollars: `$12.30`; below a cent with four digits, `$0.0042`. */
export const usd = (micros: number): string => {
  const dollars = micros / 1_000_000;
  if (dollars !== 0 && Math.abs(dollars) < 0.0001) return '< $0.0001';
  return `$${dollars.toLocaleString('en', {
    minimumFractionDigits: 2,
    maximumFractionDigits: Math.abs(dollars) < 1 ? 4 : 2,
  })}`;
};

/** One or many: `1 task`, `2 tasks`. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;
