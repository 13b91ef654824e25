// What `npm test` runs: every check of the workspace, then a summary whose last line is "N passed, N failed".
import { say } from './progress.mjs';
import { isInterrupted, runStage } from './test-run/run-stage.mjs';
import { runJest } from './test-run/jest-stage.mjs';
import { checks } from './test-run/checks.mjs';
import { startServices } from './test-run/services-stage.mjs';
import { summaryOf } from './test-run/summary.policy.mjs';
import { verdictOf } from './test-run/verdict.policy.mjs';

async function test() {
  const services = await startServices();
  const stages = [services.stage];
  for (const check of checks) stages.push(await runStage(check));
  const { stage, results, coverage } = await runJest(services);
  const verdict = verdictOf([...stages, stage], results);
  process.stdout.write(summaryOf({ stages: [...stages, stage], results, coverage, services, verdict }));
  return verdict.failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await test();
} catch (error) {
  say(isInterrupted(error) ? 'interrupted' : error.stack);
  process.exitCode = isInterrupted(error) ? 130 : 1;
}
