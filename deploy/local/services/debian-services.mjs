import { existsSync, readFileSync } from 'node:fs';
import { say } from '../progress.mjs';
import { runCommand } from '../run-command.mjs';
import { brokerServer } from './broker-server.mjs';
import { discardInstance, ensureInstance } from './instance.mjs';
import { ensureBuilt, isBuilt } from './root-filesystem.mjs';
import { ServicesUnavailable } from './services-unavailable.mjs';
import { addressesOf, servers, siteOf, startOn } from './site.mjs';
import { isInstance } from './site-name.policy.mjs';
import { changeState, readState } from './state.mjs';
import { fallbackSuite, preferredSuite, suites } from './suites.mjs';

/** Starts what is not running of a suite (by default the preferred one that can be had). Needs the lock. */
export async function startDebianServices(wantedSuite) {
  const site = siteOf(await buildSuite(wantedSuite));
  await startSite(site);
  // A suite asked for by name runs beside the usual one; what `env` prints stays as it was.
  if (wantedSuite === undefined) changeState((state) => (state.active = site.suite));
  return addressesOf(site);
}

/** Makes an instance of a suite that is built, and starts what of it is not running. Needs the instance's lock. */
export async function startInstance(name, onDisk) {
  const site = siteOf(name);
  await ensureInstance(site, onDisk);
  await startSite(site);
  return addressesOf(site);
}

/** Builds a suite (by default the preferred one that can be had) where it is not there. Needs the lock. */
export async function buildSuite(wantedSuite) {
  await refuseUnfitMachine();
  return wantedSuite === undefined ? buildPreferred() : build(wantedSuite);
}

async function startSite(site) {
  const brokerWasRunning = brokerServer.isRunning(site);
  await Promise.all(Object.values(servers).map((server) => startOn(site, server)));
  if (!brokerWasRunning) await brokerServer.diagnose(site);
}

/** Stops the servers of a suite, whose data stay, or of an instance, which is deleted. */
export async function stopDebianServices(name) {
  const site = siteOf(name);
  if (!isBuilt(name)) return;
  const running = Object.values(servers).filter((server) => server.isRunning(site));
  await Promise.all(Object.values(servers).map((server) => server.stop(site)));
  for (const server of running) say(`${server.name} (${name}) stopped`);
  if (isInstance(name)) await discardInstance(site);
}

async function build(suite) {
  await ensureBuilt(suite);
  return suite;
}

async function buildPreferred() {
  if (!isBuilt(preferredSuite) && readState().fallback) return build(fallbackSuite);
  try {
    return await build(preferredSuite);
  } catch (error) {
    if (!(error instanceof ServicesUnavailable)) throw error;
    say(`${error.message}; trying ${suites[fallbackSuite].contains} of Debian ${fallbackSuite}`);
    await build(fallbackSuite);
    changeState((state) => (state.fallback = true));
    return fallbackSuite;
  }
}

async function refuseUnfitMachine() {
  const reason = await whyUnfit();
  if (reason !== undefined) {
    throw new ServicesUnavailable(
      `no PostgreSQL and RabbitMQ: DATABASE_URL and AMQP_URL are not set, no Docker engine answers, and ${reason}`,
    );
  }
}

/** Why this machine cannot run Debian's servers; undefined where it can. */
export async function whyUnfit() {
  if (process.platform !== 'linux' || !/^ID=debian$/m.test(osRelease())) return 'this is not Debian';
  if (process.getuid() !== 0) return 'this user is not root';
  const mounting = await runCommand('unshare', ['--mount', '--propagation', 'private', 'true']);
  return mounting.code === 0 ? undefined : 'root may not mount here (a container without CAP_SYS_ADMIN)';
}

const osRelease = () => (existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '');
