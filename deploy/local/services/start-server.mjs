import { readFileSync } from 'node:fs';
import { say, secondsSince } from '../progress.mjs';
import { lastLines } from '../run-command.mjs';
import { until } from './until.mjs';

/** Brings a server to the point where it answers: waits for one that is starting, launches one that is not there. */
export async function startServer(server, site, launch) {
  const startedAt = Date.now();
  if (await answersInTime(server, site)) return;
  await server.kill(site);
  const launched = await launch();
  const ready = await until(async () => launched.hasEnded() || (await server.answers(site)), 120_000);
  if (!ready || launched.hasEnded()) {
    throw new Error(`${server.name} did not start:\n${lastLines(readFileSync(launched.logFile, 'utf8'), 15)}`);
  }
  say(`${server.name} (${site.name}) started in ${secondsSince(startedAt)} s`);
}

async function answersInTime(server, site) {
  if (!server.isRunning(site)) return false;
  if (await server.answers(site)) return true;
  say(`${server.name} (${site.name}) runs but does not answer yet`);
  return until(async () => !server.isRunning(site) || (await server.answers(site)), 30_000).then(
    (settled) => settled && server.isRunning(site),
  );
}
