// The operation `http_checks`: asks step by step, and holds each answer against what is expected.
import { operation } from '@pulser/agent-runtime/skill';

import { HeaderSecrets } from '../targets/header-values.js';
import { Targets } from '../targets/targets.js';
import { testingErrors } from '../testing-errors.js';
import { CheckRun } from './check-run.js';
import { httpChecksExample, HttpChecksInput, type HttpChecksResult, type StepResult } from './http-checks-contract.js';
import { junitReport, type ReportCase } from './junit-report.js';

const artifact = 'junit.xml';

const casesOf = ({ name, outcome, ms, checks, why }: StepResult): ReportCase[] => {
  if (outcome === 'skipped') return [{ group: name, name: why ?? 'skipped', skipped: true }];
  return checks.map(({ what, passed, found }, index) => ({
    group: name,
    name: what,
    // The step was asked once: its time stands at the first check.
    ...(index === 0 && ms !== undefined && { seconds: ms / 1_000 }),
    ...(!passed && { failure: `${what}, but found: ${found ?? 'something else'}` }),
  }));
};

const latencyOf = (steps: readonly StepResult[]): HttpChecksResult['latency_ms'] => {
  const all = steps.flatMap(({ ms }) => ms ?? []).sort((a, b) => a - b);
  const [min, max] = [all[0], all.at(-1)];
  const [below, above] = [all[Math.floor((all.length - 1) / 2)], all[Math.floor(all.length / 2)]];
  const median = below === undefined || above === undefined ? undefined : (below + above) / 2;
  return min === undefined || median === undefined || max === undefined ? null : { min, median, max };
};

const countsOf = (steps: readonly StepResult[]): HttpChecksResult['counts'] => {
  const of = (wanted: StepResult['outcome']): number => steps.filter(({ outcome }) => outcome === wanted).length;
  const checks = steps.flatMap((step) => step.checks);
  return {
    steps: steps.length,
    passed: of('passed'),
    failed: of('failed'),
    skipped: of('skipped'),
    checks: checks.length,
    failed_checks: checks.filter(({ passed }) => !passed).length,
    requests: steps.length - of('skipped'),
  };
};

const summaryOf = ({ steps, passed, failed, skipped, checks, failed_checks }: HttpChecksResult['counts']): string =>
  `${passed} of ${steps} steps passed, ${failed} failed, ${skipped} skipped; ${failed_checks} of ${checks} checks failed`;

/** Checks answers of an HTTP interface. */
export const httpChecks = operation({
  name: 'http_checks',
  summary: 'Asks an HTTP interface step by step and checks status, headers, JSON, schema and latency of each answer',
  input: HttpChecksInput,
  example: httpChecksExample,
  errors: testingErrors,
  secrets: true,
  handle: async (input, context): Promise<HttpChecksResult> => {
    const targets = await Targets.of(context);
    targets.approve(input.base_url);
    const headers = [input.headers, ...input.steps.map((step) => step.headers ?? {})];
    const secrets = await HeaderSecrets.in(headers, input.base_url, context);
    const run = new CheckRun(input, targets, secrets, context.signal);
    await run.run((count) => {
      context.progress((100 * count) / input.steps.length, `${count} of ${input.steps.length} steps`);
    });
    const { results: steps } = run;
    await context.artifact(artifact, 'application/xml', junitReport('http_checks', steps.flatMap(casesOf)));
    const counts = countsOf(steps);
    const passed = counts.failed === 0 && counts.skipped === 0;
    return { passed, summary: summaryOf(counts), steps, counts, latency_ms: latencyOf(steps), artifact };
  },
});
