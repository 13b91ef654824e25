import { stopDebianServices } from './debian-services.mjs';
import { stopDockerServices } from './docker-services.mjs';
import { discardDockerInstance } from './docker-instance.mjs';
import { withLock } from '../lock.mjs';
import { instanceOf, isInstance, suiteOf } from './site-name.policy.mjs';
import { readState } from './state.mjs';
import { suites } from './suites.mjs';
import { lockOf } from './up.mjs';

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
