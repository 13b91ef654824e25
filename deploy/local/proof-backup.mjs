// usage: node deploy/local/proof-backup.mjs
// Backup, damage, restore to a moment and `verify`, by the files of deploy/compose/backup on a PostgreSQL of its own. Prints what
// is lost (RPO) and how long it takes (RTO), or SKIPPED and why.
import { setTimeout as pause } from 'node:timers/promises';
import { say } from './progress.mjs';
import { BackupServer } from './proof/backup-server.mjs';
import { CannotProve } from './proof/cannot-prove.mjs';
import { runCommand } from './run-command.mjs';
import { pinnedNode } from './pinned-node.mjs';
import { workspaceRoot } from './workspace.mjs';

const must = (condition, sentence) => {
  if (!condition) throw new Error(sentence);
};

const pulser = async (url, ...args) => {
  const env = { ...process.env, DATABASE_URL: url };
  return runCommand(pinnedNode(), ['apps/cli/dist/main.js', ...args], { cwd: workspaceRoot, env });
};

const pulserMust = async (url, ...args) => {
  const { code, stdout, stderr } = await pulser(url, ...args);
  must(code === 0, `pulser ${args.join(' ')}: ${stderr}${stdout}`);
  return stdout;
};

const addTasks = (server, count) =>
  server.query(`insert into task_queue (tenant_id, task_type, assigned_agent, payload, due_at)
    select tenant_id, 'analytics', 'dash', '{}', now() from tenant cross join generate_series(1, ${count}) where name = 'acme'`);

const countTasks = async (server) => Number((await server.query('select count(*) as n from task_queue'))[0].n);

const seconds = (since) => ((performance.now() - since) / 1_000).toFixed(1);

/** A statement that should not have been: everything after `at` is unwanted. */
async function toAMoment(server) {
  await addTasks(server, 500);
  await server.backup();
  // pgBackRest keeps to the second when a backup ended, and restores to later moments only.
  await pause(2_000);
  await addTasks(server, 250);
  const [{ at }] = await server.query('select clock_timestamp()::text as at');
  await server.query(`set session_replication_role = replica; delete from task_queue where random() < 0.5`);
  must(
    (await pulser(server.url, 'verify')).code === 1,
    'verify does not notice rows that vanished: the proof proves nothing',
  );
  await server.archived();
  const since = performance.now();
  await server.stop();
  await server.loseData();
  await server.restore(at);
  const said = await pulserMust(server.url, 'verify');
  must((await countTasks(server)) === 750, `${await countTasks(server)} tasks are there, and 750 were`);
  say(`Restored to ${at} in ${seconds(since)} s (RTO): 750 of 750 tasks\n${said.trim()}`);
}

/** A minute (archive_timeout), and the time that the last segment takes to the repository. */
const maxLostS = 65;

const crashAfterMs = 150_000;

/** The machine is gone: what of the last minutes was archived? A task each second says until when. */
async function afterACrash(server) {
  for (const end = Date.now() + crashAfterMs; Date.now() < end; await pause(1_000)) await addTasks(server, 1);
  const [since, killedAt] = [performance.now(), Date.now()];
  await server.kill();
  await server.loseData();
  await server.restore();
  await pulserMust(server.url, 'verify');
  const [{ at }] = await server.query('select max(created_at) as at from task_queue');
  const lostS = Math.round((killedAt - at.getTime()) / 1_000);
  say(`Killed with its disk, restored in ${seconds(since)} s (RTO): the last ${lostS} s are lost (RPO)`);
  must(lostS <= maxLostS, `${lostS} s are lost, and at most a minute is promised`);
}

async function prove() {
  const server = await BackupServer.start();
  try {
    await pulserMust(server.url, 'migrate');
    await pulserMust(server.url, 'keys', 'create', '--tenant', 'acme');
    await toAMoment(server);
    if (!process.argv.includes('--short')) await afterACrash(server);
  } finally {
    await server.remove();
  }
}

try {
  await prove();
} catch (error) {
  say(error instanceof CannotProve ? `SKIPPED: ${error.message}` : error.message);
  process.exitCode = error instanceof CannotProve ? 0 : 1;
}
