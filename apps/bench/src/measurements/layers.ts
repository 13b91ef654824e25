import type { PulserOptions } from '../contestants/pulser-options.js';
import { comparedWithBase } from './comparison.js';
import type { Measurement } from './measurement.js';
import { pulserVariant } from './pulser-variant.js';

const base = 'all layers';

const preload = (name: string): Partial<PulserOptions> => ({
  preloads: [`./apps/bench/dist/layers/${name}.preload.js`],
});

/** Every policy of every table stays, and nobody asks it. */
const noPolicies: Partial<PulserOptions> = {
  sql: [
    `do $$
     declare owned record;
     begin
       for owned in select c.oid::regclass as name from pg_class c where c.relrowsecurity loop
         execute format('alter table %s disable row level security', owned.name);
       end loop;
     end $$`,
  ],
};

const notes = [
  'Layers are taken away from outside, by modules loaded before the built programs (`src/layers`) or by settings of the database; the product has no switch for any of them.',
  'Without auth: no look at keys, roles and rates. Without row-level security: no policies; the transaction of a tenant stays. Without the router: the gateway writes to the queue of the agent. Without telemetry: no events of tasks, rows of telemetry and spans of work; counters and histograms stay, for they do the counting here.',
];

/** What each layer costs: the throughput without it. */
export const layers: Measurement = async (bench) => {
  const variants = [
    pulserVariant(base, {}, bench),
    pulserVariant('without auth', preload('no-auth'), bench),
    pulserVariant('without row-level security', noPolicies, bench),
    pulserVariant('without the hop over the router', preload('no-router'), bench),
    pulserVariant('without events and telemetry', preload('no-telemetry'), bench),
  ];
  return comparedWithBase(variants, bench, { title: 'Price of each layer', base, notes });
};
