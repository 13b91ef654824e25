import { freePort, isFree, until } from './answers.mjs';
import { rootOf, suites } from './debian.mjs';
import { changeState, isInstance, readState, suiteOf } from './state.mjs';
import { postgresServer } from './postgres.mjs';
import { brokerServer } from './rabbitmq.mjs';

export const servers = { postgres: postgresServer, broker: brokerServer };

/**
 * The servers of a suite, or of an instance beside them: their root filesystem and the ports they were last given.
 * @typedef {{ name: string, suite: string, root: string, ports: Record<string, number> }} Site
 */
export const siteOf = (name) => ({
  name,
  suite: suiteOf(name),
  root: rootOf(name),
  ports: readState().sites[name]?.ports ?? {},
});

export const addressesOf = (site) => ({
  databaseUrl: postgresServer.url(site),
  amqpUrl: brokerServer.url(site),
  amqpManagementUrl: brokerServer.managementUrl(site),
});

/** The suite whose servers have this address, if these scripts started them. */
export const suiteAt = ({ databaseUrl, amqpUrl }) =>
  Object.keys(suites).find((suite) => {
    const own = addressesOf(siteOf(suite));
    return own.databaseUrl === databaseUrl || own.amqpUrl === amqpUrl;
  });

/** Starts one server, on the ports it had before unless another program has taken one of them meanwhile. */
export async function startOn(site, server) {
  // Servers of a root that was deleted under them may still run, on ports that nobody knows any more.
  if (server.portNames.some((name) => site.ports[name] === undefined)) await server.kill(site);
  if (!server.isRunning(site)) await assignPorts(site, server.portNames);
  await server.start(site);
}

/**
 * Milliseconds that the port of a server which was killed may take to be free again. Those who use an instance know its
 * ports and break its servers: with other ones, these would be gone for good.
 */
const releaseMs = (site) => (isInstance(site.name) ? 10_000 : 0);

async function assignPorts(site, names) {
  for (const name of names) {
    const remembered = site.ports[name];
    if (remembered !== undefined && (await until(() => isFree(remembered), releaseMs(site)))) continue;
    site.ports[name] = await freePort(Object.values(site.ports));
  }
  changeState((state) => (state.sites[site.name] = { ports: site.ports }));
}
