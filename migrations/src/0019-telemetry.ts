import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';
import { telemetryViewNames, telemetryViews } from './sql/telemetry-views.js';

// What `libs/sketch` says in TypeScript, for figures of the database. See pulser.sketch_bucket for the formula.
const sketchType = `create type pulser.sketch as (buckets smallint[], counts bigint[])`;

const sketchValue = `
  create function pulser.sketch_value(bucket smallint) returns float8
  language sql immutable strict parallel safe
  return 2 * power(1.01::float8 / 0.99::float8, bucket::float8) / (1.01::float8 / 0.99::float8 + 1)`;

// Most rows are sketches already, and stay as they are.
const sketchCompacted = `
  create function pulser.sketch_compacted(sketch pulser.sketch) returns pulser.sketch
  language plpgsql immutable parallel safe as $$
  declare
    bucket smallint; last smallint; compacted pulser.sketch;
  begin
    foreach bucket in array coalesce(sketch.buckets, '{}') loop
      if bucket <= last then
        select array_agg(b order by b), array_agg(c order by b) into compacted
        from (select b, sum(c)::bigint as c from unnest(sketch.buckets, sketch.counts) as u(b, c) group by b) s;
        return compacted;
      end if;
      last := bucket;
    end loop;
    return sketch;
  end $$`;

// Buckets are only appended until there are many of them: sorting them for each row would take ten times as long.
const sketchAdd = `
  create function pulser.sketch_add(state pulser.sketch, buckets smallint[], counts bigint[]) returns pulser.sketch
  language plpgsql immutable parallel safe as $$
  begin
    if cardinality(buckets) > 0 then
      state := row(state.buckets || buckets, state.counts || counts)::pulser.sketch;
      if cardinality(state.buckets) > 4096 then return pulser.sketch_compacted(state); end if;
    end if;
    return state;
  end $$`;

const sketchCombined = `
  create function pulser.sketch_combined(a pulser.sketch, b pulser.sketch) returns pulser.sketch
  language sql immutable parallel safe
  return pulser.sketch_add(a, (b).buckets, (b).counts)`;

const sketchMerge = `
  create aggregate pulser.sketch_merge(smallint[], bigint[]) (
    sfunc = pulser.sketch_add, stype = pulser.sketch, initcond = '({},{})', finalfunc = pulser.sketch_compacted,
    combinefunc = pulser.sketch_combined, parallel = safe
  )`;

const sketchCount = `
  create function pulser.sketch_count(sketch pulser.sketch) returns bigint
  language sql immutable parallel safe
  return (select coalesce(sum(c), 0)::bigint from unnest((sketch).counts) as u(c))`;

// The lower quantile, as in libs/sketch: the value with the 0-based rank q * (count - 1), rounded down.
const sketchQuantiles = `
  create function pulser.sketch_quantiles(sketch pulser.sketch, wanted float8[]) returns float8[]
  language plpgsql immutable parallel safe as $$
  declare
    q float8; rank float8; total bigint := 0; seen bigint; n int; one bigint; found float8[] := '{}';
    buckets smallint[]; counts bigint[];
  begin
    sketch := pulser.sketch_compacted(sketch);
    buckets := sketch.buckets;
    counts := sketch.counts;
    foreach one in array coalesce(counts, '{}') loop total := total + one; end loop;
    foreach q in array wanted loop
      if q is null or q < 0 or q > 1 then
        raise exception 'a quantile is between 0 and 1, not %', q using errcode = 'invalid_parameter_value';
      end if;
      n := 0; seen := 0;
      rank := floor(q * (total - 1));
      while total > 0 and seen <= rank loop
        n := n + 1;
        seen := seen + counts[n];
      end loop;
      found := found || case when n > 0 then pulser.sketch_value(buckets[n]) end;
    end loop;
    return found;
  end $$`;

const sketchQuantile = `
  create function pulser.sketch_quantile(sketch pulser.sketch, q float8) returns float8
  language sql immutable parallel safe
  return (pulser.sketch_quantiles(sketch, array[q]))[1]`;

const comments = [
  `comment on type pulser.sketch is 'counts of durations in logarithmic buckets: every quantile within 1 %'`,
  `comment on function pulser.sketch_value is 'milliseconds that a bucket stands for; see pulser.sketch_bucket'`,
  `comment on aggregate pulser.sketch_merge(smallint[], bigint[]) is 'the sketch of all that is in the sketches of the rows: sketch_merge(run_buckets, run_counts)'`,
  `comment on function pulser.sketch_quantile is 'milliseconds, of q from 0 to 1: sketch_quantile(sketch_merge(run_buckets, run_counts), 0.95); null for an empty sketch'`,
  `comment on function pulser.sketch_quantiles is 'several quantiles, in the order in which they are asked for'`,
  `comment on function pulser.sketch_count is 'how many durations a sketch counts'`,
];

/** Quantiles in SQL, and the views that dashboards outside of Pulser read. */
export class Telemetry1763840000019 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      sketchType,
      sketchValue,
      sketchCompacted,
      sketchAdd,
      sketchCombined,
      sketchMerge,
      sketchCount,
      sketchQuantiles,
      sketchQuantile,
      ...comments,
      ...telemetryViews,
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      ...telemetryViewNames.map((name) => `drop view ${name}`),
      'drop function pulser.sketch_quantile, pulser.sketch_quantiles, pulser.sketch_count',
      'drop aggregate pulser.sketch_merge(smallint[], bigint[])',
      'drop function pulser.sketch_combined, pulser.sketch_add, pulser.sketch_compacted, pulser.sketch_value',
      'drop type pulser.sketch',
    ]);
  }
}
