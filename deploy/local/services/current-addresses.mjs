import { bothAnswer } from './addresses.mjs';
import { dockerInstanceAddresses, isDockerInstance } from './docker-instance.mjs';
import { instanceOf } from './site-name.policy.mjs';
import { addressesOf, siteOf } from './site.mjs';
import { readState, usualSite } from './state.mjs';

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
