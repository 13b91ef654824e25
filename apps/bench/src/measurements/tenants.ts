import { comparedWithBase, type Measurement, pulserVariant } from './measurement.js';

const base = '1 tenant';

/** The same load from one tenant and from many. */
export const tenants: Measurement = async (bench) => {
  const variants = [pulserVariant(base, {}, bench), pulserVariant('100 tenants', { tenants: 100 }, bench)];
  const notes = [
    'Tasks of one tenant share a statement and a commit when they come at the same time; those of two never do.',
  ];
  return comparedWithBase(variants, bench, { title: 'Tenants', base, notes });
};
