import { containerOf, dockerActions, dockerSite, isDockerInstance } from './docker-instance.mjs';
import { withLock } from '../lock.mjs';
import { isBuilt } from './root-filesystem.mjs';
import { servers, siteOf, startOn } from './site.mjs';
import { fillDisk, freeDisk } from './memory-disk.mjs';
import { isInstance } from './site-name.policy.mjs';
import { usualSite } from './state.mjs';
import { lockOf } from './up.mjs';

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
