import type { Random } from '@pulser/harness';

/** When tasks come, in milliseconds from the start: independent of each other, as those of many people are (Poisson). */
export function* arrivals(random: Random, perSecond: number, count: number): Generator<number> {
  let at = 0;
  for (let n = 0; n < count; n++) {
    at += (-Math.log(1 - random.next()) * 1_000) / perSecond;
    yield at;
  }
}
