import { suiteAt } from './site.mjs';
import { readState } from './state.mjs';
import { suites } from './suites.mjs';

/**
 * What is asked for: addresses given from outside, or a suite wanted by name, or neither. Addresses in the environment
 * that are our own servers' (a shell that evaluated `env`) count as a wish for that suite, so that it is kept running.
 */
export function requestOf(options, environment = process.env) {
  const named = options.suite ?? (environment.PULSER_SERVICES_SUITE || undefined);
  if (named !== undefined && !(named in suites)) {
    throw new Error(`unknown suite "${named}": choose one of ${Object.keys(suites).join(', ')}`);
  }
  const addresses = addressesIn(environment);
  if (addresses === undefined) return { suite: named };
  const own = suiteAt(addresses);
  if (own !== undefined) return { suite: named ?? own };
  return isDocker(addresses) ? { suite: named } : { suite: named, given: addresses };
}

function addressesIn({ DATABASE_URL: databaseUrl, AMQP_URL: amqpUrl }) {
  if (!databaseUrl && !amqpUrl) return undefined;
  for (const [name, url] of Object.entries({ DATABASE_URL: databaseUrl, AMQP_URL: amqpUrl })) {
    if (!url) throw new Error(`${name} is not set, but the other address is: set both, or neither`);
    if (!URL.canParse(url)) throw new Error(`${name} is not a URL`);
  }
  return { databaseUrl, amqpUrl };
}

const isDocker = ({ databaseUrl, amqpUrl }) => {
  const { docker } = readState().sites;
  return docker?.databaseUrl === databaseUrl && docker.amqpUrl === amqpUrl;
};
