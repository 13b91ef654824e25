// Telemetry: measurements of agents, one row per metric, tenant and interval.
import { Injectable } from '@nestjs/common';
import type { AgentName } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

/** A measurement of one agent for one tenant over one interval. */
export interface Measurement {
  readonly tenant_id: string;
  readonly agent_name: AgentName;
  readonly metric_name: string;
  readonly metric_value: number;
  readonly unit: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

const add = statement(
  'telemetry.add',
  `insert into agent_telemetry (tenant_id, agent_name, metric_name, metric_value, unit, metadata)
   select * from json_to_recordset($1::json) as m(tenant_id uuid, agent_name text, metric_name text,
     metric_value float8, unit text, metadata jsonb)`,
);

@Injectable()
export class Telemetry {
  constructor(private readonly database: Database) {}

  async add(measurements: readonly Measurement[]): Promise<void> {
    if (measurements.length > 0) await this.database.query(add, [JSON.stringify(measurements)]);
  }
}
