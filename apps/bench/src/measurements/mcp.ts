// The MCP coordinator: its own servers, and what a call costs beside the same call through the SDK alone.
import { loadavg } from 'node:os';

import { messageOf } from '@pulser/service-kit';

import { calls } from '../mcp/calls.js';
import { catalogue } from '../mcp/catalogue.js';
import { McpInstallation } from '../mcp/coordinator.js';
import { figure } from '../report/figures.policy.js';
import type { Finding } from '../report/report.js';
import type { Measurement } from './measurement.js';

const parts = { calls, catalogue } as const;

export const mcp: Measurement = async (bench) => {
  const found: Finding = { tables: [], failures: [] };
  const installation = await McpInstallation.make(bench.machine);
  try {
    for (const [name, part] of Object.entries(parts)) {
      try {
        const { tables, failures } = await part(bench, installation);
        found.tables.push(...tables);
        found.failures.push(...failures);
      } catch (error) {
        found.failures.push(`${name}: ${messageOf(error)}`);
      }
    }
  } finally {
    await installation.close();
  }
  const [load = 0] = loadavg();
  found.tables[0]?.notes.push(`Load of the machine over the last minute, at the end: ${figure(load)}.`);
  return found;
};
