// The outcome as JUnit XML, which build servers read.
import junit, { type Builder } from 'junit-report-builder';

import type { RuleOutcome } from './validate-contract.js';

// Its types describe an ES module, but Node loads the CommonJS one, which is the builder itself.
const builder = junit as unknown as Builder;

// XML 1.0 has no other control characters, and no halves of surrogate pairs.
const inXml = (text: string): string =>
  text.toWellFormed().replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');

/** A test case for each rule; warnings that failed are passed cases with what they say as output. */
export const junitOf = (dataset: string, outcomes: readonly RuleOutcome[]): string => {
  const report = builder.newBuilder();
  const suite = report.testSuite().name(inXml(dataset));
  for (const { id, rule, status, severity, message, samples } of outcomes) {
    const test = suite.testCase().className(rule).name(inXml(id));
    const shown = samples.map(({ row, values }) => `row ${row}: ${JSON.stringify(values)}`).join('\n');
    if (status === 'skipped') test.skipped();
    else if (status === 'failed' && severity === 'error')
      test.failure(inXml(shown === '' ? message : `${message}\n${shown}`), 'rule');
    else if (status === 'failed') test.standardOutput(inXml(`${message}\n${shown}`));
  }
  return report.build();
};
