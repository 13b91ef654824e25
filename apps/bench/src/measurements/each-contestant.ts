import { messageOf } from '@pulser/service-kit';

import type { Contestant } from '../contestants/contestant.js';

export interface RowsOfEach {
  readonly rows: string[][];
  readonly failures: string[];
}

/** Looks at one contestant after the other; one that fails does not keep the others from being looked at. */
export const rowsOfEach = async (
  contestants: readonly Contestant[],
  what: string,
  look: (contestant: Contestant) => Promise<string[][]>,
): Promise<RowsOfEach> => {
  const found: RowsOfEach = { rows: [], failures: [] };
  for (const contestant of contestants) {
    try {
      found.rows.push(...(await look(contestant)));
    } catch (error) {
      found.failures.push(`${what} of ${contestant.name}: ${messageOf(error)}`);
    }
  }
  return found;
};
