// What is heard of MCP coordinators and their servers, and what of that is wrong, in the words of incidents.
import { Injectable } from '@nestjs/common';
import type { Finding } from '@pulser/context-bus';
import type { McpHeartbeat } from '@pulser/contracts';

type Server = McpHeartbeat['servers'][number];

interface Heard {
  readonly heartbeat: McpHeartbeat;
  /** Milliseconds of a monotonic clock. */
  readonly at: number;
}

/** Coordinators beat every 5 s. Milliseconds. */
const silentMs = 30_000;
/** A server that is killed serves again within a second; a slow one takes longer. Milliseconds. */
const awayMs = 20_000;

const coordinatorKey = 'mcp-coordinator';
const prefix = 'mcp/';

const isAway = ({ state }: Server): boolean => state === 'starting' || state === 'degraded' || state === 'backing-off';

const resolved = (of: Pick<Finding, 'key' | 'kind' | 'subject' | 'summary'>): Finding => ({
  ...of,
  severity: 'info',
  state: 'resolved',
  detail: {},
});

/** One incident for each server, whatever is wrong with it. @param all the server at every coordinator that is heard */
const serverFinding = (name: string, all: readonly Server[], awayForMs: number): Finding | undefined => {
  const about = { key: `${prefix}${name}`, subject: name };
  const away = all.filter(isAway);
  const [first] = away;
  if (first !== undefined) {
    if (awayForMs < awayMs) return undefined;
    const isAll = away.length === all.length;
    const where = isAll ? '' : ` at ${away.length} of ${all.length} coordinators`;
    return {
      ...about,
      ...{ kind: 'mcp_server_away', severity: isAll ? 'critical' : 'warning', state: 'open' },
      summary: `The MCP server ${name} does not serve${where}: ${first.last_error ?? `it is ${first.state}`}`,
      detail: { states: all.map(({ state }) => state) },
    };
  }
  const tools = [...new Set(all.flatMap(({ quarantined }) => quarantined))].sort();
  if (tools.length > 0)
    return {
      ...about,
      ...{ kind: 'mcp_tools_quarantined', severity: 'warning', state: 'open' },
      summary: `Definitions of tools of ${name} have changed and wait for a review: ${tools.slice(0, 10).join(', ')}`,
      detail: { tools },
    };
  return resolved({ ...about, kind: 'mcp_server_away', summary: `The MCP server ${name} is well.` });
};

@Injectable()
export class McpCoordinators {
  private readonly known = new Map<string, Heard>();
  /** Since when a server is away, by its name. */
  private readonly away = new Map<string, number>();

  /** @param now of a monotonic clock, milliseconds */
  heard(heartbeat: McpHeartbeat, now: number): void {
    if (heartbeat.leaving === true) this.known.delete(heartbeat.instance);
    else this.known.set(heartbeat.instance, { heartbeat, at: now });
  }

  /**
   * @param listeningMs for how long the broker has brought heartbeats: after an outage of it everything was silent
   * @param open keys of incidents that are open: what is gone from the configuration is no trouble any more
   */
  findings(now: number, listeningMs: number, open: readonly string[]): Finding[] {
    const beating = [...this.known.values()].filter(({ at }) => now - at < silentMs);
    // Without any there is none in this installation, or nobody knows yet.
    if (this.known.size === 0) return [];
    if (beating.length === 0) return listeningMs < silentMs ? [] : [silence];
    this.forgetSilent(now);
    const servers = Map.groupBy(
      beating.flatMap(({ heartbeat }) => heartbeat.servers),
      ({ name }) => name,
    );
    const found = [...servers].map(([name, all]) => serverFinding(name, all, this.awayFor(name, all, now)));
    const gone = open.filter((key) => key.startsWith(prefix) && !servers.has(key.slice(prefix.length)));
    return [beats, ...found.filter((finding) => finding !== undefined), ...gone.map(goneFinding)];
  }

  /** Another one has taken its place: one of the same deployment has another name. */
  private forgetSilent(now: number): void {
    for (const [instance, { at }] of this.known) if (now - at >= silentMs) this.known.delete(instance);
  }

  private awayFor(name: string, all: readonly Server[], now: number): number {
    if (!all.some(isAway)) this.away.delete(name);
    else if (!this.away.has(name)) this.away.set(name, now);
    return now - (this.away.get(name) ?? now);
  }
}

const silence: Finding = {
  ...{ key: coordinatorKey, kind: 'mcp_coordinator_silent', subject: coordinatorKey },
  ...{ severity: 'critical', state: 'open', detail: {} },
  summary: 'Nothing is heard of the MCP coordinator: calls of tools fail.',
};

const beats = resolved({
  ...{ key: coordinatorKey, kind: 'mcp_coordinator_silent', subject: coordinatorKey },
  summary: 'The MCP coordinator is heard again.',
});

const goneFinding = (key: string): Finding => {
  const subject = key.slice(prefix.length);
  return resolved({ key, kind: 'mcp_server_away', subject, summary: `There is no MCP server ${subject} any more.` });
};
