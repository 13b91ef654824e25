// Definitions of workflows, stored in versions that never change: a run is pinned to one.
import { Injectable } from '@nestjs/common';
import { maxWorkflows, maxWorkflowVersions, type WorkflowDefinition } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { type Actor, asActor } from '../audit/actor.js';
import { bodyHash } from '../tasks/body-hash.js';

export interface DefinitionVersion {
  readonly version: number;
  readonly hash: string;
  readonly madeAt: Date;
  readonly madeBy: string;
}

export interface StoredDefinition extends DefinitionVersion {
  readonly name: string;
  readonly definition: WorkflowDefinition;
}

export interface DefinitionSummary extends DefinitionVersion {
  readonly name: string;
  readonly description: string | null;
  readonly steps: number;
}

/** What became of a definition that was to be stored. `same`: it is the latest version already. */
export type Stored = { readonly kind: 'created' | 'same'; readonly version: number } | { readonly kind: 'full' };

const versionColumns = `version, hash, made_at as "madeAt", made_by as "madeBy"`;

const list = statement(
  'workflows.list',
  `select distinct on (name) name, ${versionColumns}, body ->> 'description' as description,
     jsonb_array_length(body -> 'steps') as steps
   from workflow_definition where tenant_id = (select pulser.tenant_id()) order by name, version desc`,
);

const find = statement(
  'workflows.find',
  `select name, ${versionColumns}, body as definition from workflow_definition
   where tenant_id = (select pulser.tenant_id()) and name = $1 and ($2::int is null or version = $2)
   order by version desc limit 1`,
);

const versions = statement(
  'workflows.versions',
  `select ${versionColumns} from workflow_definition
   where tenant_id = (select pulser.tenant_id()) and name = $1 order by version desc limit $2`,
);

const latest = statement(
  'workflows.latest',
  `select (select count(distinct name)::int from workflow_definition where tenant_id = (select pulser.tenant_id())) as names,
     (select max(version) from workflow_definition where tenant_id = (select pulser.tenant_id()) and name = $1) as version,
     (select hash from workflow_definition where tenant_id = (select pulser.tenant_id()) and name = $1
      order by version desc limit 1) as hash`,
);

const insert = statement(
  'workflows.insert',
  `insert into workflow_definition (tenant_id, name, version, hash, body, made_by)
   values ((select pulser.tenant_id()), $1, $2, $3, $4, $5) on conflict do nothing returning version`,
);

interface Latest {
  readonly names: number;
  readonly version: number | null;
  readonly hash: string | null;
}

@Injectable()
export class WorkflowDefinitions {
  constructor(private readonly database: Database) {}

  /** The latest version of each, by name. */
  list(tenantId: string): Promise<DefinitionSummary[]> {
    return this.database.queryAs<DefinitionSummary>(tenantId, list);
  }

  /** @param version the latest without */
  async find(tenantId: string, name: string, version?: number): Promise<StoredDefinition | undefined> {
    const [row] = await this.database.queryAs<StoredDefinition>(tenantId, find, [name, version ?? null]);
    return row;
  }

  /** The newest first. */
  versions(tenantId: string, name: string, limit: number): Promise<DefinitionVersion[]> {
    return this.database.queryAs<DefinitionVersion>(tenantId, versions, [name, limit]);
  }

  /** Stores a definition as the next version, unless it is what the latest one says. */
  async put(
    tenantId: string,
    actor: Actor,
    name: string,
    definition: WorkflowDefinition,
    madeBy: string,
  ): Promise<Stored> {
    const hash = bodyHash(definition);
    for (;;) {
      const [last] = await this.database.queryAs<Latest>(tenantId, latest, [name]);
      if (last?.version != null && last.hash === hash) return { kind: 'same', version: last.version };
      const version = (last?.version ?? 0) + 1;
      if (version > maxWorkflowVersions || (version === 1 && (last?.names ?? 0) >= maxWorkflows))
        return { kind: 'full' };
      const values = [name, version, hash, JSON.stringify(definition), madeBy];
      const made = await asActor(this.database, tenantId, actor, (transaction) => transaction.query(insert, values));
      // None: another one has just got this number.
      if (made.length > 0) return { kind: 'created', version };
    }
  }
}
