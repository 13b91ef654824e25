import { dockerSite, isDockerInstance } from './docker-instance.mjs';
import { instanceName, isInstanceName } from './site-name.policy.mjs';
import { suiteAt } from './site.mjs';
import { readState } from './state.mjs';
import { fallbackSuite, preferredSuite, suites } from './suites.mjs';

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
