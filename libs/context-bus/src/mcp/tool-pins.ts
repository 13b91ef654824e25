// Which definitions of tools are trusted. A tool is pinned to the first definition that its MCP server lists; another one is
// quarantined until a person approves it.
import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

export type PinStatus = 'approved' | 'quarantined' | 'withdrawn';

/** A definition that a server lists now. */
export interface SeenTool {
  readonly tool: string;
  /** SHA-256 of the definition, in hexadecimal. */
  readonly digest: string;
  readonly definition: Readonly<Record<string, unknown>>;
  /** Names of what is suspicious about its texts. With any the first definition is not approved by itself either. */
  readonly warnings: readonly string[];
}

export interface PinVerdict {
  readonly tool: string;
  readonly digest: string;
  readonly status: PinStatus;
}

/** As persons review it. */
export interface ToolPin extends SeenTool, PinVerdict {
  readonly server: string;
  /** The definition that is approved instead of this one, if any. */
  readonly approvedDefinition: Readonly<Record<string, unknown>> | null;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  readonly decidedAt: Date | null;
  readonly decidedBy: string | null;
}

// $1 server, $2 the definitions, $3 whether it is Pulser's own and just started. The count makes the insert wait for the
// update: one definition of a tool is approved at most. A withdrawn one that comes back is reviewed again.
const see = statement(
  'tool-pins.see',
  `with seen as materialized (
    select * from jsonb_to_recordset($2::jsonb) as t(tool text, digest text, definition jsonb, warnings text[])
  ), replaced as (
    update mcp_pin p set status = 'withdrawn', decided_at = now()
    from seen s
    where $3 and p.server = $1 and p.tool = s.tool and p.digest <> s.digest and p.status = 'approved'
    returning p.tool
  ), pinned as (
    insert into mcp_pin as p (server, tool, digest, definition, warnings, status)
    select $1, s.tool, s.digest, s.definition, s.warnings, case
        when $3 then 'approved'
        when cardinality(s.warnings) > 0 then 'quarantined'
        when exists (select from mcp_pin o where o.server = $1 and o.tool = s.tool) then 'quarantined'
        else 'approved' end
    from seen s cross join (select count(*) from replaced) done
    on conflict (server, tool, digest) do update set last_seen_at = now(),
      status = case when $3 then 'approved' when p.status = 'withdrawn' then 'quarantined' else p.status end
    returning p.tool, p.digest, p.status
  )
  select tool, digest, status from pinned`,
);

// $1 server, $2 tool, $3 digest, $4 who.
const approve = statement(
  'tool-pins.approve',
  `with chosen as materialized (
    select server, tool, digest from mcp_pin
    where server = $1 and tool = $2 and digest = $3 and status <> 'approved' for update
  ), replaced as (
    update mcp_pin p set status = 'withdrawn', decided_at = now(), decided_by = $4
    from chosen c where p.server = c.server and p.tool = c.tool and p.status = 'approved'
    returning p.tool
  )
  update mcp_pin p set status = 'approved', decided_at = now(), decided_by = $4
  from chosen c cross join (select count(*) from replaced) done
  where p.server = c.server and p.tool = c.tool and p.digest = c.digest
  returning p.tool`,
);

const list = statement(
  'tool-pins.list',
  `select p.server, p.tool, p.digest, p.definition, p.warnings, p.status, p.first_seen_at as "firstSeenAt",
     p.last_seen_at as "lastSeenAt", p.decided_at as "decidedAt", p.decided_by as "decidedBy",
     a.definition as "approvedDefinition"
   from mcp_pin p
   left join mcp_pin a on a.server = p.server and a.tool = p.tool and a.status = 'approved' and a.digest <> p.digest
   where p.status = any($1) order by p.status <> 'quarantined', p.server, p.tool, p.first_seen_at desc limit 1000`,
);

/** Needs the service role. */
@Injectable()
export class ToolPins {
  constructor(private readonly database: Database) {}

  /**
   * Notes what a server lists, and says which of it may be offered.
   * @param trusted what is listed replaces what was approved before: of Pulser's own servers, which are installed with it
   */
  async see(server: string, tools: readonly SeenTool[], trusted: boolean): Promise<PinVerdict[]> {
    if (tools.length === 0) return [];
    return this.database.query<PinVerdict>(see, [server, JSON.stringify(tools), trusted]);
  }

  /** @returns false when there is no such definition, or it is approved already */
  async approve(server: string, tool: string, digest: string, by: string): Promise<boolean> {
    return (await this.database.query(approve, [server, tool, digest, by])).length > 0;
  }

  /** Those to review first. */
  list(statuses: readonly PinStatus[]): Promise<ToolPin[]> {
    return this.database.query<ToolPin>(list, [statuses]);
  }
}
