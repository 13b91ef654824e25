// What a run has beside its load of tasks, and the keys with which persons and callers of tools come.
import { ApiKeys, newApiKey, systemActor, TenantKeys, TenantSettings } from '@pulser/context-bus';
import type { MigratedDatabase, Random, RunFolder, Tenant } from '@pulser/harness';
import { EffectServers } from '@pulser/testing/tool-calls';

import { Approver } from '../load/approver.js';
import type { Model } from '../load/asks.js';
import type { HttpClient } from '../load/clients.js';
import { StandingOrders } from '../load/standing.js';
import { ToolCalls } from '../load/tool-calls.js';

/** For each tenant, the key of a person who submits nothing. */
const makePersons = ({ database, tenants: all }: MigratedDatabase): Promise<Tenant[]> =>
  Promise.all(
    all.map(async (tenant) => {
      const key = newApiKey();
      await new ApiKeys(database).create(tenant.id, 'approver', key);
      return { ...tenant, key };
    }),
  );

/** For each tenant, a key that may call every tool. Persons approve none of them. */
const makeCallers = ({ database, tenants: all }: MigratedDatabase): Promise<Tenant[]> =>
  Promise.all(
    all.map(async (tenant) => {
      const actor = systemActor('chaos');
      const value = [{ tool: '*', ask: false }];
      await new TenantSettings(database).put(tenant.id, actor, { name: 'tool-approvals', value, expected: 'whatever' });
      const grant = { role: 'operator', allowedTaskTypes: null, expiresInS: null, tools: ['*'] } as const;
      const { key } = await new TenantKeys(database).create(tenant.id, actor, { name: 'caller', ...grant });
      return { ...tenant, key };
    }),
  );

/** In the folder of a run: what coordinators read of their MCP servers. */
export const toolServersFile = 'mcp.json';
const toolServerNames = ['one', 'two'] as const;
/** Milliseconds of a call before its effect, and as many after it: kills hit both. */
const effectMs = 30;

/** Writes the configuration of the coordinators. */
export const makeToolServers = (folder: RunFolder, { tenants: all }: MigratedDatabase): EffectServers => {
  const servers = new EffectServers({ names: toolServerNames, file: folder.file('tool-effects.jsonl'), effectMs });
  folder.write(toolServersFile, servers.configuration(all.map(({ id }) => id)));
  return servers;
};

/**
 * What a run of chaos has beside its load: a language model, standing orders, a person who decides, and MCP servers with those
 * who call their tools.
 */
export interface Surroundings {
  readonly model: Model;
  readonly standing: StandingOrders;
  readonly approver: Approver;
  readonly toolServers: EffectServers;
  readonly toolCalls: ToolCalls;
}

interface SurroundingsOptions {
  readonly model: Model;
  readonly toolServers: EffectServers;
  readonly gateways: readonly string[];
  readonly http: HttpClient;
  readonly store: MigratedDatabase;
  readonly random: Random;
}

export const makeSurroundings = async (options: SurroundingsOptions): Promise<Surroundings> => {
  const { model, toolServers, gateways, http, store, random } = options;
  const toolCalls = new ToolCalls({
    ...{ gateways, servers: toolServers.names, random },
    callers: await makeCallers(store),
  });
  const standing = new StandingOrders(http, store.tenants);
  await standing.write();
  const approver = new Approver(http, await makePersons(store));
  approver.start();
  return { model, standing, approver, toolServers, toolCalls };
};
