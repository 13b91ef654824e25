import { stopDebianServices } from './debian-services.mjs';
import { stopDockerServices } from './docker-services.mjs';
import { withLock } from '../lock.mjs';
import { suites } from './suites.mjs';
import { lockFile } from './up.mjs';

/** Stops the servers of one suite, or all that these scripts started. Data stays; given servers are left alone. */
export const down = ({ suite }) =>
  withLock(lockFile, async () => {
    for (const each of suite === undefined ? Object.keys(suites) : [suite]) await stopDebianServices(each);
    if (suite === undefined) await stopDockerServices();
  });
