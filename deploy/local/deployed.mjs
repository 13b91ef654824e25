// What every way to deploy must know of a service, from the roster.
import { servicesOf } from './dev-environment.mjs';

/** MB of a service without a limit of its own. */
const usualMemoryMb = 1024;

/** Of one pool. Agents run few statements at a time, and there are many of them. */
const poolMax = { service: 10, agent: 3 };

/** Connections that the login of tools may open: its limit in 0046. */
export const toolConnections = 10;

/** The services that keep or use secrets of tenants. */
const keepsSecrets = ({ name, kind }) => kind === 'agent' || ['gateway', 'mcp-coordinator'].includes(name);

/** Addresses that a service asks, by variable. */
const asks = {
  gateway: { MCP_COORDINATOR_URL: 'http://mcp-coordinator:8000' },
  'mcp-coordinator': { PULSER_API_URL: 'http://gateway:8000' },
};

const deployed = (service, roster) => {
  const kind = roster.agents.some(({ name }) => name === service.name) ? 'agent' : 'service';
  return {
    ...service,
    kind,
    /** As a name of DNS, which has no underscore. */
    host: service.name.replaceAll('_', '-'),
    memoryMb: service.memoryMb ?? usualMemoryMb,
    poolMax: poolMax[kind],
    // Claims and renewals of a worker have a pool of their own, whose commits do not wait for the disk.
    pools: kind === 'agent' ? 2 : 1,
    hasSecretsKey: keepsSecrets({ name: service.name, kind }),
    asks: asks[service.name] ?? {},
    /** Whether its tools read Pulser's own database, by a login that reads the memories of one tenant at a time. */
    hasToolLogin: service.name === 'mcp-coordinator',
  };
};

/** The services that are deployed, in the order in which they start. */
export const deployedServices = (roster) => servicesOf(roster).map((service) => deployed(service, roster));
