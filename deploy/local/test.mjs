// usage: npm test [-- --affected [--base=<ref>]]        npm run test:integration
// Runs the checks of the workspace, then prints a summary whose last line is "N passed, N failed".
import { parseArgs } from 'node:util';
import { withBuildLock } from './build.mjs';
import { say } from './progress.mjs';
import { affectedBy } from './test-run/affected.mjs';
import { categoryLines, integrationSpecs } from './test-run/integration.policy.mjs';
import {
  buildStage,
  checkStages,
  dashboardStage,
  Interrupted,
  runLane,
  runStage,
  runTests,
  startServices,
} from './test-run/stages.mjs';
import { summaryOf, verdictOf } from './test-run/summary.policy.mjs';

/** Servers start while the compiler works; then the tests run beside one lane of checks, of which two cores have room. */
async function run({ checks, tests }) {
  const [services, built] = await Promise.all([startServices(), build()]);
  const [checked, { stage, ...outcome }] = await both(runLane(checks), runTests(services, tests));
  return { services, stages: [services.stage, ...built, ...checked, stage], ...outcome };
}

/** As Promise.all, but an interruption of one waits for the end of the other. */
async function both(...lanes) {
  const ended = await Promise.allSettled(lanes);
  return ended.map((lane) => {
    if (lane.status === 'rejected') throw lane.reason;
    return lane.value;
  });
}

const build = async () => [await withBuildLock(() => runStage(buildStage())), await runStage(dashboardStage())];

const everything = () => run({ checks: checkStages(), tests: { coverage: true } });

async function affected(base) {
  const change = await affectedBy(base);
  say(
    `changed since ${change.base}: ${change.files.length} files of ${change.projects.length} projects and their users`,
  );
  const lists = { leftOut: change.leftOut, mayBeEmpty: true };
  if (change.targets.length === 0) return { stages: await runLane(formatOf(change)), ...lists };
  const checks = change.projects.length === 0 ? formatOf(change) : checkStages(change);
  return { ...(await run({ checks, tests: { targets: change.targets } })), ...lists };
}

const formatOf = ({ files }) =>
  files.length === 0 ? [] : checkStages({ files }).filter(({ name }) => name === 'format');

async function integration() {
  const outcome = await run({ checks: [], tests: { targets: integrationSpecs } });
  return { ...outcome, categories: categoryLines(outcome.results) };
}

async function main() {
  const options = { affected: { type: 'boolean' }, base: { type: 'string' }, integration: { type: 'boolean' } };
  const { values } = parseArgs({ options });
  if (values.base !== undefined && !values.affected) throw new Error('--base goes with --affected');
  const outcome = await (values.integration ? integration() : values.affected ? affected(values.base) : everything());
  const verdict = verdictOf(outcome);
  process.stdout.write(summaryOf({ ...outcome, verdict }));
  return verdict.failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  say(error instanceof Interrupted ? 'interrupted' : error.stack);
  process.exitCode = error instanceof Interrupted ? 130 : 1;
}
