import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../lock.mjs';
import { say } from '../progress.mjs';
import { runCommand } from '../run-command.mjs';
import { bothAnswer } from './answers.mjs';
import { ensureBuilt, fallbackSuite, isBuilt, preferredSuite, ServicesUnavailable, suites } from './debian.mjs';
import {
  containerOf,
  discardDockerInstance,
  dockerActions,
  dockerAnswers,
  dockerInstanceAddresses,
  dockerSite,
  isDockerInstance,
  startDockerInstance,
  startDockerServices,
  stopDockerServices,
} from './docker.mjs';
import { discardInstance, ensureInstance, fillDisk, freeDisk } from './instances.mjs';
import {
  changeState,
  instanceName,
  instanceOf,
  isInstance,
  isInstanceName,
  readState,
  servicesFolder,
  suiteOf,
  usualSite,
} from './state.mjs';
import { brokerServer } from './rabbitmq.mjs';
import { addressesOf, servers, siteOf, startOn, suiteAt } from './site.mjs';

/**
 * What is asked for: addresses given from outside, or a suite wanted by name, or neither. Addresses in the environment
 * that are our own servers' (a shell that evaluated `env`) count as a wish for that suite, so that it is kept running.
 */
export function requestOf(options, environment = process.env) {
  const named = options.suite ?? (environment.PULSER_SERVICES_SUITE || undefined);
  if (named !== undefined && !(named in suites)) {
    throw new Error(`unknown suite "${named}": choose one of ${Object.keys(suites).join(', ')}`);
  }
  if (options.instance !== undefined) return ownInstance(named, options);
  const addresses = addressesIn(environment);
  if (addresses === undefined) return { suite: named, site: named };
  const own = suiteAt(addresses);
  if (own !== undefined) return { suite: named ?? own, site: named ?? own };
  return isDocker(addresses) ? { suite: named, site: named } : { suite: named, site: named, given: addresses };
}

/** Addresses in the environment do not matter: an instance is there to be broken, and only ours may be. */
function ownInstance(suite, { instance, 'on-disk': onDisk = false }) {
  if (!isInstanceName(instance)) throw new Error(`the instance "${instance}" needs a name of small letters and digits`);
  if (isDockerInstance(instance)) return { suite, instance, site: dockerSite(instance) };
  const usual = readState().fallback ? fallbackSuite : preferredSuite;
  return { suite, instance, onDisk, site: instanceName(suite ?? usual, instance) };
}

function addressesIn({ DATABASE_URL: databaseUrl, AMQP_URL: amqpUrl, AMQP_MANAGEMENT_URL }) {
  if (!databaseUrl && !amqpUrl) return undefined;
  for (const [name, url] of Object.entries({ DATABASE_URL: databaseUrl, AMQP_URL: amqpUrl })) {
    if (!url) throw new Error(`${name} is not set, but the other address is: set both, or neither`);
    if (!URL.canParse(url)) throw new Error(`${name} is not a URL`);
  }
  return { databaseUrl, amqpUrl, amqpManagementUrl: AMQP_MANAGEMENT_URL || usualManagementUrl(amqpUrl) };
}

/** The same host and administrator, at the port that the management plugin listens on by itself. */
function usualManagementUrl(amqpUrl) {
  const { protocol, hostname, username, password } = new URL(amqpUrl);
  const tls = protocol === 'amqps:';
  return `${tls ? 'https' : 'http'}://${username || 'guest'}:${password || 'guest'}@${hostname}:${tls ? 15671 : 15672}`;
}

const isDocker = ({ databaseUrl, amqpUrl }) => {
  const { docker } = readState().sites;
  return docker?.databaseUrl === databaseUrl && docker.amqpUrl === amqpUrl;
};

/** Addresses of what runs already, without starting anything; throws when it does not answer. */
export async function currentAddresses({ given, site }) {
  const addresses = given ?? remembered(site ?? usualSite());
  if (addresses === undefined || !(await bothAnswer(addresses))) {
    throw new Error('the services are not running: start them with "npm run services up"');
  }
  return addresses;
}

function remembered(name) {
  if (name === 'docker') return readState().sites.docker;
  if (name !== undefined && isDockerInstance(instanceOf(name))) return dockerInstanceAddresses(instanceOf(name));
  const site = name === undefined ? undefined : siteOf(name);
  return [site?.ports.postgres, site?.ports.amqp, site?.ports.management].includes(undefined)
    ? undefined
    : addressesOf(site);
}

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

const lockFile = join(servicesFolder, 'lock');

/** An instance is locked apart: who breaks its servers keeps nobody waiting. */
export const lockOf = (siteName) =>
  siteName !== undefined && isInstance(siteName) ? `${lockFile}-${siteName}` : lockFile;

/**
 * Makes sure PostgreSQL and RabbitMQ answer and resolves with their addresses. First match wins: the addresses given,
 * a Docker engine, Debian as root. Throws ServicesUnavailable when this machine has none of them.
 */
export async function up({ given, suite, instance, onDisk }) {
  if (given !== undefined) return checked(given);
  if (instance !== undefined) return upInstance(suite, instance, onDisk);
  return withLock(lockFile, async () => {
    if (suite === undefined && (await dockerAnswers())) return startDockerServices();
    return startDebianServices(suite);
  });
}

/** Servers beside the usual ones, of the same programs: a copy of a Debian root or, elsewhere, containers. */
async function upInstance(suite, instance, onDisk) {
  if ((await whyUnfit()) !== undefined && suite !== fallbackSuite && (await dockerAnswers())) {
    return withLock(lockOf(dockerSite(instance)), () => startDockerInstance(instance));
  }
  const built = await withLock(lockFile, () => buildSuite(suite));
  const name = instanceName(built, instance);
  return withLock(lockOf(name), () => startInstance(name, onDisk));
}

async function checked(given) {
  if (await bothAnswer(given)) return given;
  throw new Error('DATABASE_URL and AMQP_URL are set, but not both servers answer: start them, or unset both');
}

/**
 * Stops the servers of one suite or instance, or all that these scripts started. Data stays, but for that of instances;
 * given servers are left alone.
 */
export async function down({ site }) {
  if (site !== undefined) return stopLocked(site);
  for (const each of [...instances(), ...Object.keys(suites)]) await stopLocked(each);
  await withLock(lockOf(), stopDockerServices);
}

const stopLocked = (name) =>
  withLock(lockOf(name), () =>
    suiteOf(name) === 'docker' ? discardDockerInstance(instanceOf(name)) : stopDebianServices(name),
  );

const instances = () => Object.keys(readState().sites).filter(isInstance);

/**
 * What can be done to one server, for crash tests. `kill` is kill -9; `stop` ends it in good order; `fill` leaves no
 * byte free on the disk of an instance until `free`; `ctl` is rabbitmqctl.
 */
const actions = {
  start: startOn,
  stop: (site, server) => server.stop(site),
  kill: (site, server) => server.kill(site),
  wipe: async (site, server) => {
    await server.wipe(site);
    await startOn(site, server);
  },
  ctl: async (site, server, args) => void process.stdout.write(await server.control(site, args)),
  fill: fillDisk,
  free: freeDisk,
};

const actionsOf = {
  broker: ['start', 'stop', 'kill', 'wipe', 'ctl'],
  postgres: ['start', 'stop', 'kill', 'fill', 'free'],
};

/** Works on servers that these scripts run themselves only: others are not ours to break. */
export async function control(serverName, { given, site, instance }, [actionName, ...args]) {
  if (!actionsOf[serverName].includes(actionName)) throw new Error(`unknown action "${actionName}" for ${serverName}`);
  if (instance !== undefined && isDockerInstance(instance)) {
    const act = () => dockerActions[actionName](instance, containerOf(serverName), args);
    return withLock(lockOf(dockerSite(instance)), act);
  }
  const name = site ?? usualSite();
  if (given !== undefined || name === undefined || name === 'docker' || !isBuilt(name)) {
    throw new Error(`"${serverName} ${actionName}" works only on servers started by "services.mjs up" without Docker`);
  }
  if (actionName === 'fill' && !isInstance(name)) throw new Error('only the disk of an instance may be filled');
  return withLock(lockOf(name), () => actions[actionName](siteOf(name), servers[serverName], args));
}
