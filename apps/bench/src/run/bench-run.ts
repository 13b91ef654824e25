import { Unavailable } from '@pulser/harness';
import { messageOf } from '@pulser/service-kit';

import { measurements } from '../measurements/catalogue.js';
import type { Bench } from '../measurements/measurement.js';
import type { MeasurementName } from '../measurements/measurement-name.js';
import type { Contestant } from '../contestants/contestant.js';
import type { Finding } from '../report/finding.js';
import { tableText } from '../report/markdown.policy.js';
import type { ResultFile } from '../report/result-file.js';

/** Installs what each contestant needs: those that this machine can have, and why it cannot have the others. */
export const installed = async (chosen: readonly Contestant[]): Promise<Pick<Bench, 'contestants' | 'absent'>> => {
  const [ready, absent]: [Contestant[], string[]] = [[], []];
  for (const contestant of chosen) {
    try {
      await contestant.install();
      ready.push(contestant);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      absent.push(`${contestant.name} is not compared here: ${messageOf(error)}`);
    }
  }
  return { contestants: ready, absent };
};

const find = async (name: MeasurementName, bench: Bench): Promise<Finding> => {
  try {
    return await measurements[name](bench);
  } catch (error) {
    return { tables: [], failures: [`${name}: ${messageOf(error)}`] };
  }
};

/** Measures what is wanted, one after the other, and keeps each finding as soon as it is there. @returns what went wrong */
export const measure = async (bench: Bench, file: ResultFile): Promise<string[]> => {
  const failures: string[] = [];
  for (const name of bench.options.only) {
    bench.say(`measuring ${name}`);
    const finding = await find(name, bench);
    file.add(name, finding);
    for (const table of finding.tables) bench.say(`\n${tableText(table)}\n`);
    for (const failure of finding.failures) bench.say(`FAILED ${failure}`);
    failures.push(...finding.failures);
  }
  return failures;
};
