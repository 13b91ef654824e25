// What a change touches: its files, their Nx projects and all projects that depend on these.
import { existsSync, realpathSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pinnedEnvironment } from '../pinned-node.mjs';
import { lastLines, runCommand } from '../run-command.mjs';
import { workspaceRoot } from '../workspace.mjs';

/**
 * @param {string | undefined} base a revision; without one the merge base with origin/main, or HEAD where that is unknown
 * @returns {Promise<{ base: string, files: string[], projects: string[], targets: string[], leftOut: string[] }>}
 *   `files` exist; `targets` are folders with specs to run; `leftOut` says in words what a whole run would do too
 */
export async function affectedBy(base) {
  const since = base ?? (await mergeBase());
  const files = await changedFiles(since);
  const [projects, all] = [await projectsOf(['--affected', `--base=${since}`]), await projectsOf([])];
  const outside = files.some((file) => file.startsWith('deploy/local/')) ? ['deploy/local'] : [];
  const others = all.filter((project) => !projects.includes(project));
  return {
    base: since,
    files,
    projects,
    targets: [...projects.map(folderOf), ...outside],
    leftOut: [
      ...(others.length > 0 ? [`${others.length} of ${all.length} projects: ${others.join(', ')}`] : []),
      ...(outside.length > 0 ? [] : ['the specs of deploy/local']),
      'the format of unchanged files',
      'line coverage',
    ],
  };
}

async function mergeBase() {
  const { code, stdout } = await runCommand('git', ['merge-base', 'HEAD', 'origin/main'], { cwd: workspaceRoot });
  return code === 0 ? stdout.trim() : 'HEAD';
}

/** Committed since `base` or not, known to git or not; deleted ones left out. */
async function changedFiles(base) {
  const changed = await git('diff', '--name-only', '-z', base);
  const untracked = await git('ls-files', '--others', '--exclude-standard', '-z');
  const files = new Set([changed, untracked].flatMap((output) => output.split('\0').filter(Boolean)));
  return [...files].filter((file) => existsSync(join(workspaceRoot, file))).sort();
}

const git = (...args) => outputOf('git', args);

const projectsOf = async (args) => JSON.parse(await outputOf('nx', ['show', 'projects', '--json', ...args]));

/** npm links each project of the workspace under its name. */
const folderOf = (project) => relative(workspaceRoot, realpathSync(join(workspaceRoot, 'node_modules', project)));

async function outputOf(command, args) {
  const env = pinnedEnvironment({ NX_DAEMON: 'false', NX_TUI: 'false' });
  const { code, stdout, stderr } = await runCommand(command, args, { cwd: workspaceRoot, env });
  if (code !== 0) throw new Error(`${command} ${args[0]}: ${lastLines(stderr || stdout, 3)}`);
  return stdout;
}
