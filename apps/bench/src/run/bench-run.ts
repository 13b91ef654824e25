import { Unavailable } from '@pulser/harness';
import { messageOf } from '@pulser/service-kit';

import { measurements } from '../measurements/catalogue.js';
import type { Bench } from '../measurements/measurement.js';
import type { MeasurementName } from '../measurements/measurement-name.js';
import type { Contestant } from '../contestants/contestant.js';
import type { Finding } from '../report/finding.js';
import { tableText } from '../report/markdown.policy.js';
import type { ResultFile } from '../report/result-file.js';

/** Installs what each contestant needs. @returns those that this machine can have; others are named aloud */
export const installed = async (
  contestants: readonly Contestant[],
  say: (line: string) => void,
): Promise<Contestant[]> => {
  const ready: Contestant[] = [];
  for (const contestant of contestants) {
    try {
      await contestant.install();
      ready.push(contestant);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      say(`${contestant.name} is not compared: ${messageOf(error)}`);
    }
  }
  return ready;
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
