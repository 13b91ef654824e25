/** How agents are, and who takes the tasks of one that fails: as the leader of the health services says, or else by who is heard. */
import type { AgentName } from '@pulser/contracts';
import { type Database, statement } from '@pulser/database';

// A row that no leader has looked at for 15 s says nothing.
const judged = statement(
  'health-snapshot.judged',
  `select s.agent_name as agent, s.status, s.reasons, s.share, s.stand_in as "standIn", now() as "readAt",
     greatest(s.since, (select max(c.at) from agent_status_change c where c.agent_name = s.agent_name)) as "changedAt"
   from (values (true)) as one(row) left join agent_status s on s.updated_at > now() - interval '15 s'`,
);

/** How an agent is, and what becomes of its tasks. */
export interface AgentHealth {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  /** In words; none while it is healthy. */
  readonly reasons: readonly string[];
  /** Percent of its tasks that go to it; the others go to its stand-in. */
  readonly share: number;
  /** Null: nobody stands in. Undefined: the first of its back-ups that is not unhealthy. */
  readonly standIn: AgentName | null | undefined;
  /**
   * What was last sent for it before this time was sent to an agent that has failed since, so it is sent again. By the
   * database's clock; undefined when nothing was.
   */
  readonly resendBefore: Date | undefined;
}

type Judged = Omit<AgentHealth, 'resendBefore'>;

/** Agents by how they are. One of which nothing is known is missing. */
export type HealthSnapshot = ReadonlyMap<AgentName, AgentHealth>;

/** One reading of what the health services say. */
export interface Judgements {
  readonly byAgent: ReadonlyMap<AgentName, Judged & { readonly changedAt: Date }>;
  /** By the database's clock. */
  readonly readAt: Date;
}

/** A version of an agent, and whether one of its workers was heard of within the last minute. */
interface HeardVersion {
  readonly name: AgentName;
  readonly isLive: boolean;
  readonly lastSeenAt: Date;
}

interface JudgedRow extends Judged {
  readonly agent: AgentName | null;
  readonly changedAt: Date;
  readonly readAt: Date;
}

/** @throws DatabaseUnavailable */
export const readJudgements = async (database: Database): Promise<Judgements> => {
  const rows = await database.query<JudgedRow>(judged);
  const byAgent = new Map(rows.flatMap(({ agent, ...row }) => (agent === null ? [] : [[agent, row] as const])));
  return { byAgent, readAt: rows[0]?.readAt ?? new Date(0) };
};

const well: Judged = { status: 'healthy', reasons: [], share: 100, standIn: undefined };
const silent: Judged = {
  status: 'unhealthy',
  reasons: ['none of its workers was heard of for a minute'],
  share: 0,
  standIn: undefined,
};

/** Milliseconds of silence after which an agent counts as unhealthy without a health service. */
const silentMs = 60_000;

/** Milliseconds after a change from which on it was noticed late: what was sent meanwhile went the old way. */
const lateMs = 3_000;

/** Milliseconds after which everything that was sent is due again anyhow. */
const resentForMs = 600_000;

/** Whether tasks that were sent for an agent lie with one that has failed. */
const hasFailed = (now: Judged, before: Judged | undefined): boolean => {
  if (before === undefined) return now.share === 0;
  if (now.share === 0 && before.share > 0) return true;
  return now.share < 100 && before.share < 100 && now.standIn !== before.standIn;
};

/** How agents are now, and since when. */
class Judging {
  readonly agents: ReadonlySet<AgentName>;
  private readonly versions: ReadonlyMap<AgentName, readonly HeardVersion[]>;

  constructor(
    versions: readonly HeardVersion[],
    private readonly judgements: Judgements,
  ) {
    this.versions = Map.groupBy(versions, ({ name }) => name);
    this.agents = new Set([...this.versions.keys(), ...judgements.byAgent.keys()]);
  }

  /** Without a word of the health services: unhealthy while none of its versions is heard of. */
  of(agent: AgentName): Judged {
    const row = this.judgements.byAgent.get(agent);
    if (row !== undefined) return row;
    return this.versions.get(agent)?.some(({ isLive }) => isLive) === false ? silent : well;
  }

  /** When it failed: the same time for every process that reads it, so that what one of them has sent again no other does. */
  failedAt(agent: AgentName, isFirst: boolean): Date {
    const { byAgent, readAt } = this.judgements;
    const seenAt = Math.max(...(this.versions.get(agent) ?? []).map(({ lastSeenAt }) => lastSeenAt.getTime()));
    const failedAt = byAgent.get(agent)?.changedAt ?? new Date(Math.min(seenAt + silentMs, readAt.getTime()));
    const isLate = !isFirst && readAt.getTime() - failedAt.getTime() > lateMs;
    return isLate ? readAt : failedAt;
  }
}

/**
 * The next snapshot.
 * @param before the last one; undefined for the first of a process
 */
export const healthSnapshot = (
  versions: readonly HeardVersion[],
  judgements: Judgements,
  before: HealthSnapshot | undefined,
): HealthSnapshot => {
  const judging = new Judging(versions, judgements);
  const isFirst = before === undefined;
  /** Who holds tasks of an agent and has failed since the last snapshot. */
  const failedHolder = (agent: AgentName): AgentName | undefined => {
    const known = before?.get(agent);
    if (hasFailed(judging.of(agent), known)) return agent;
    const standIn = known?.standIn;
    // What lies with a stand-in comes back too, also when its owner takes tasks itself again.
    const standInFailed =
      typeof standIn === 'string' && before?.get(standIn)?.share !== 0 && judging.of(standIn).share === 0;
    return standInFailed ? standIn : undefined;
  };
  const resendBefore = (agent: AgentName): Date | undefined => {
    const holder = failedHolder(agent);
    if (holder !== undefined) return judging.failedAt(holder, isFirst);
    const known = before?.get(agent)?.resendBefore;
    const isOver = known === undefined || judgements.readAt.getTime() >= known.getTime() + resentForMs;
    return isOver ? undefined : known;
  };
  return new Map(
    [...judging.agents].map((agent) => {
      const { status, reasons, share, standIn } = judging.of(agent);
      return [agent, { status, reasons, share, standIn, resendBefore: resendBefore(agent) }];
    }),
  );
};
