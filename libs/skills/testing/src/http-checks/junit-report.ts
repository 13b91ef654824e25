// Checks as JUnit XML, which build servers show.
import exported, { type Builder } from 'junit-report-builder';

// Its types say that this is a member `default`; the module is the builder itself.
const builder = exported as unknown as Builder;

/** One case of a report. */
export interface ReportCase {
  /** What it belongs to: a step, an operation. */
  readonly group: string;
  readonly name: string;
  readonly seconds?: number;
  /** Undefined: it passed. */
  readonly failure?: string;
  readonly skipped?: boolean;
}

// XML 1.0 has no way to write these, not even escaped.
const unwritable = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
const writable = (text: string): string => text.toWellFormed().replaceAll(unwritable, '\ufffd');

/** @param name of the suite */
export const junitReport = (name: string, cases: readonly ReportCase[]): Uint8Array => {
  const report = builder.newBuilder();
  const suite = report.testSuite().name(writable(name));
  for (const { group, name: title, seconds, failure, skipped } of cases) {
    const one = suite.testCase().className(writable(group)).name(writable(title));
    if (seconds !== undefined) one.time(seconds);
    if (failure !== undefined) one.failure(writable(failure));
    if (skipped === true) one.skipped();
  }
  return Buffer.from(report.build());
};
