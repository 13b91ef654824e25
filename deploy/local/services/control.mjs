import { withLock } from '../lock.mjs';
import { isBuilt } from './root-filesystem.mjs';
import { servers, siteOf, startOn } from './site.mjs';
import { usualSite } from './state.mjs';
import { lockFile } from './up.mjs';

/** What can be done to one server, for crash tests. `kill` is kill -9; `stop` ends it in good order. */
const actions = {
  start: startOn,
  stop: (site, server) => server.stop(site),
  kill: (site, server) => server.kill(site),
  wipe: async (site, server) => {
    await server.wipe(site);
    await startOn(site, server);
  },
};

/** Works on servers that these scripts run themselves only: others are not ours to break. */
export async function control(serverName, actionName, { given, suite }) {
  const server = servers[serverName];
  if (!Object.hasOwn(actions, actionName) || (actionName === 'wipe' && server.wipe === undefined)) {
    throw new Error(`unknown action "${actionName}" for ${serverName}`);
  }
  const name = suite ?? usualSite();
  if (given !== undefined || name === undefined || name === 'docker' || !isBuilt(name)) {
    throw new Error(`"${serverName} ${actionName}" works only on servers started by "services.mjs up" without Docker`);
  }
  await withLock(lockFile, () => actions[actionName](siteOf(name), server));
}
