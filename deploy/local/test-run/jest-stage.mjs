import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { jestCommand } from '../jest-command.mjs';
import { stateFolder, workspaceRoot } from '../workspace.mjs';
import { runStage } from './run-stage.mjs';

const resultsFile = join(stateFolder, 'test-results.json');
const coverageFile = join(workspaceRoot, 'coverage/coverage-summary.json');

/** Runs the specs: all of them, or only the pure ones when there are no services. */
export async function runJest({ environment, missing }) {
  mkdirSync(stateFolder, { recursive: true });
  for (const file of [resultsFile, coverageFile]) rmSync(file, { force: true });
  const selection = missing === undefined ? [] : ['--testPathPatterns', String.raw`\.policy\.spec\.`];
  const args = ['--coverage', '--json', `--outputFile=${resultsFile}`, ...selection];
  const stage = await runStage({ name: 'tests', command: jestCommand(undefined, args), environment });
  return { stage, results: withRelativeNames(readJson(resultsFile)), coverage: readJson(coverageFile) };
}

const withRelativeNames = (results) =>
  results && {
    ...results,
    testResults: results.testResults.map((suite) => ({ ...suite, name: relative(workspaceRoot, suite.name) })),
  };

const readJson = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined);
