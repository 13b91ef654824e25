// Names of columns that SQL can tell apart.
import type { Warning } from './report.js';

// As DuckDB compares names: only A to Z have a case.
const folded = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

const clean = (name: string): string => name.toWellFormed().replaceAll('\u0000', '\ufffd');

const renamed = (from: string, to: string): Warning => ({
  code: 'renamed_column',
  column: to,
  message:
    from === '' ? `A column without a name is ${to}` : `The column ${from} is ${to}, to be told from another one`,
});

/** Distinct names for SQL, in the same order: a repeated name, also in other case, gets _1, _2 and so on. */
export const distinctNames = (given: readonly string[]): { names: string[]; warnings: Warning[] } => {
  const taken = new Set(given.map((name) => folded(clean(name))));
  const used = new Set<string>();
  const next = new Map<string, number>();
  const warnings: Warning[] = [];
  const names = given.map((raw, index) => {
    const wanted = clean(raw) === '' ? `column${index}` : clean(raw);
    const name = used.has(folded(wanted)) ? freeName(wanted, taken, used, next) : wanted;
    used.add(folded(name));
    if (name !== raw) warnings.push(renamed(raw, name));
    return name;
  });
  return { names, warnings };
};

const freeName = (wanted: string, taken: Set<string>, used: Set<string>, next: Map<string, number>): string => {
  const key = folded(wanted);
  for (let number = next.get(key) ?? 1; ; number += 1) {
    const name = `${wanted}_${number}`;
    if (taken.has(folded(name)) || used.has(folded(name))) continue;
    next.set(key, number + 1);
    return name;
  }
};
