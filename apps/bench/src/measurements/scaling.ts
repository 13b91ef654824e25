import { comparedWithBase, type Measurement, pulserVariant } from './measurement.js';

const base = '1 worker, 1 gateway';

/** More processes of a kind. */
export const scaling: Measurement = async (bench) => {
  const variants = [
    pulserVariant(base, {}, bench),
    pulserVariant('2 workers', { workers: 2 }, bench),
    pulserVariant('4 workers', { workers: 4 }, bench),
    pulserVariant('2 gateways', { gateways: 2 }, bench),
    pulserVariant('2 gateways, 2 routers, 2 workers', { gateways: 2, routers: 2, workers: 2 }, bench),
  ];
  const notes = [
    'All processes, the servers and the load share the cores of one machine: more processes bring no more cores.',
  ];
  return comparedWithBase(variants, bench, { title: 'Scaling', base, notes });
};
