// What became of the calls of tools: as their callers know it, as the servers counted their effects, as the audit has them.
import { type Database, statement } from '@pulser/database';
import {
  auditedReads,
  auditedWrites,
  type EffectServers,
  missingReads,
  type ReadCall,
  readCalls,
  unrecordedIn,
  type WriteCall,
  writeCalls,
} from '@pulser/testing/tool-calls';

import type { Fleet } from '../fleet/fleet.js';
import type { ToolCalls } from '../load/tool-calls.js';

export interface ToolFacts {
  readonly writes: readonly WriteCall[];
  /** Those that were answered. */
  readonly reads: readonly ReadCall[];
  /** What the counter of each coordinator that runs has of calls that it could not write down, by its process. */
  readonly unrecorded: ReadonlyMap<number, number>;
}

export const noToolFacts: ToolFacts = { writes: [], reads: [], unrecorded: new Map() };

export interface ToolFactsSource {
  readonly database: Database;
  readonly fleet: Fleet;
  readonly calls: ToolCalls;
  readonly servers: EffectServers;
}

const countersOf = async (fleet: Fleet): Promise<Map<number, number>> => {
  const counters = new Map<number, number>();
  for (const { service } of fleet.of('coordinator')) {
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    if (service.pid !== undefined) counters.set(service.pid, unrecordedIn(metrics));
  }
  return counters;
};

/** @throws when a coordinator does not say what it has counted */
export const readToolFacts = async ({ database, fleet, calls, servers }: ToolFactsSource): Promise<ToolFacts> => {
  const query =
    (name: string) =>
    <Row extends Record<string, unknown>>(text: string) =>
      database.query<Row>(statement(name, text));
  const served = servers.served();
  return {
    writes: writeCalls(calls.ends, served, await auditedWrites(query('facts.written-calls'))),
    reads: readCalls(calls.reads, served, await auditedReads(query('facts.read-calls'))),
    unrecorded: await countersOf(fleet),
  };
};

/** Whether the coordinators have written down all that they will. */
export const areWritten = ({ reads, unrecorded }: ToolFacts): boolean => missingReads(reads, unrecorded).length === 0;
