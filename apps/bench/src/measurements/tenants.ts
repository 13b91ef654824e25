import { compare, comparisonTable } from './comparison.js';
import type { Measurement } from './measurement.js';
import { pulserVariant } from './pulser-variant.js';

const base = '1 tenant';

/** The same load from one tenant and from many, in turns. */
export const tenants: Measurement = async (bench) => {
  const variants = [pulserVariant(base, {}, bench), pulserVariant('100 tenants', { tenants: 100 }, bench)];
  const { rounds, failures } = await compare(variants, bench);
  const notes = [
    'Tasks of one tenant share a statement and a commit when they come at the same time; those of two never do.',
  ];
  const text = { title: 'Tenants', unit: 'tasks a second', base, above: 'each', notes } as const;
  return {
    tables: [
      comparisonTable(
        variants.map(({ name }) => name),
        rounds,
        text,
      ),
    ],
    failures: [...failures],
  };
};
