// The stages of a test run: how one runs beside another and still leaves readable output, and which there are.
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buildArguments } from '../build.mjs';
import { jestCommand } from '../jest-command.mjs';
import { pinnedEnvironment } from '../pinned-node.mjs';
import { say } from '../progress.mjs';
import { runInForeground } from '../run-command.mjs';
import { toEnvironment } from '../services/answers.mjs';
import { requestOf, up } from '../services/lifecycle.mjs';
import { stateFolder, workspaceRoot } from '../workspace.mjs';

export class Interrupted extends Error {}

const minutes = (seconds) => `${(seconds / 60).toFixed(1)} min`;

/**
 * Runs one stage; a failure does not throw, an interruption does. Several may run at once: lines for which `isLive` holds
 * are shown as they come, all others when the stage has ended, those of a failed stage only in the result, for the end of
 * the run. A stage in the background leaves the processor to those that measure time.
 * @returns {Promise<{ name: string, seconds: number, outcome: 'ok' | 'FAILED', output: string }>}
 */
export async function runStage({ name, command, environment = {}, background = false, isLive = () => false }) {
  const [program, ...args] = command;
  const startedAt = Date.now();
  say(`=== ${name} ...`);
  const lines = [];
  const code = await runInForeground(program, args, {
    cwd: workspaceRoot,
    env: pinnedEnvironment(environment),
    background,
    onLine: (line) => (isLive(line) ? process.stdout.write(`${line}\n`) : lines.push(line)),
  });
  const stage = { name, seconds: (Date.now() - startedAt) / 1000, outcome: code === 0 ? 'ok' : 'FAILED' };
  const output = lines.map((line) => `${line}\n`).join('');
  if (code === 130) process.stdout.write(output);
  if (code === 130) throw new Interrupted();
  process.stdout.write(`\n=== ${name}: ${stage.outcome} after ${minutes(stage.seconds)}\n`);
  process.stdout.write(code === 0 ? output : 'Its output is at the end.\n');
  return { ...stage, output };
}

/** Runs stages one after the other, whatever fails. Resolves with their results. */
export async function runLane(stages) {
  const results = [];
  for (const stage of stages) results.push(await runStage(stage));
  return results;
}

/**
 * Makes sure of PostgreSQL and RabbitMQ. On a machine that cannot have them the pure specs still run, but the run fails:
 * skipping would go unnoticed.
 */
export async function startServices() {
  say('=== services ...');
  const startedAt = Date.now();
  const stage = (outcome) => ({ name: 'services', seconds: (Date.now() - startedAt) / 1000, outcome, output: '' });
  try {
    const addresses = await up(requestOf({}));
    return { stage: stage('ok'), environment: toEnvironment(addresses) };
  } catch (error) {
    say(error.message);
    return { stage: stage('FAILED'), missing: error.message };
  }
}

/** Some specs start the built services. One compiler for all projects takes a third of the time of one for each. */
export const buildStage = () => ({ name: 'build', command: ['tsc', ...buildArguments(buildConfigs())] });

/** Some specs open it in a browser. Not with the compiler: it takes what `libs/contracts` compiles to. */
export const dashboardStage = () => ({ name: 'page', command: ['node', 'deploy/local/dashboard.mjs'] });

/** npm links each project of the workspace under its name. */
function buildConfigs() {
  const links = join(workspaceRoot, 'node_modules/@pulser');
  const projects = readdirSync(links).map((name) => realpathSync(join(links, name)));
  return projects.map((project) => join(project, 'tsconfig.build.json')).filter((config) => existsSync(config));
}

// No daemon to outlive the run, no full-screen display: the output must read the same in a terminal and in a log.
const nx = { NX_DAEMON: 'false', NX_TUI: 'false' };

// Nx keeps the outcome of each project until one of its files, or of those it depends on, changes.
const lintOf = (projects) => ({
  name: 'lint',
  command: ['nx', 'run-many', '-t', 'lint', '--parallel=1', `--projects=${projects.join(',')}`],
  environment: nx,
  background: true,
});

const lintOfAll = [
  // The rule of who may import whom reads the graph that Nx keeps, and says nothing where there is none.
  { name: 'projects', command: ['nx', 'show', 'projects', '--projects=@pulser/testing'], environment: nx },
  {
    name: 'lint and types',
    command: ['node', 'deploy/local/test-run/lint-workspace.mjs'],
    environment: { ...nx, LINT_WORKSPACE: '1', NODE_OPTIONS: '--max-old-space-size=6144' },
    background: true,
  },
];

const typesOfAll = [
  { name: 'types of specs', command: ['tsc', '-p', 'libs/testing/tsconfig.specs.json'], background: true },
  // Apart, because a browser has other globals than Node.
  { name: 'types of page', command: ['tsc', '-p', 'apps/dashboard/tsconfig.json'], background: true },
];

/**
 * What is checked beside the tests.
 * @param {{ projects?: string[], files?: string[] }} selection names of projects to lint and files whose format is checked
 */
export const checkStages = ({ projects, files = ['.'] } = {}) => [
  ...(projects ? [lintOf(projects), ...typesOfAll] : lintOfAll),
  {
    name: 'format',
    command: [
      'prettier',
      '--check',
      '--log-level',
      'warn',
      '--ignore-unknown',
      '--no-error-on-unmatched-pattern',
      ...files,
    ],
    background: true,
  },
];

const resultsFile = join(stateFolder, 'test-results.json');
const coverageFile = join(workspaceRoot, 'coverage/coverage-summary.json');

const isSuiteLine = (line) => /^(?:PASS|FAIL) /.test(line);

/** Runs the specs of the targets (projects, folders, files; all without), or all pure ones when the services are missing. */
export async function runTests({ environment, missing }, { targets = [], coverage = false } = {}) {
  mkdirSync(stateFolder, { recursive: true });
  for (const file of [resultsFile, coverageFile]) rmSync(file, { force: true });
  const flags = ['--json', `--outputFile=${resultsFile}`, '--passWithNoTests', ...(coverage ? ['--coverage'] : [])];
  const command =
    missing === undefined
      ? jestCommand(targets, flags)
      : jestCommand([], [...flags, '--testPathPatterns', String.raw`\.policy\.spec\.`]);
  const stage = await runStage({ name: 'tests', command, environment, isLive: isSuiteLine });
  return { stage, results: withRelativeNames(readJson(resultsFile)), coverage: readJson(coverageFile) };
}

const withRelativeNames = (results) =>
  results && {
    ...results,
    testResults: results.testResults.map((suite) => ({ ...suite, name: relative(workspaceRoot, suite.name) })),
  };

const readJson = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined);
