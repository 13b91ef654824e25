// What a round of the leader found wrong, or no longer wrong, in the words of incidents.
import type { Finding, StatusOrder } from '@pulser/context-bus';
import type { AgentName } from '@pulser/contracts';
import type { BrokerState } from '@pulser/messaging';

type Resolved = Pick<Finding, 'key' | 'kind' | 'subject' | 'summary'>;

const resolved = (of: Resolved): Finding => ({ ...of, severity: 'info', state: 'resolved', detail: {} });

const reasonsOf = ({ reasons }: StatusOrder): string => reasons.join('; ');

const whatIsDone = ({ share, standIn }: StatusOrder): string => {
  if (share === 100) return '';
  return standIn === null ? ' No agent stands in for it: its tasks wait.' : ` ${standIn} takes its tasks.`;
};

export const agentKey = (agent: AgentName): string => `agent/${agent}`;

/**
 * One incident for each agent, whatever speaks against it: more than one message about the same trouble would be a storm. It
 * lasts until the agent has all its tasks again.
 */
export const agentFinding = (order: StatusOrder, instances: number): Finding | undefined => {
  const { agent, status, share, standIn } = order;
  const about = { key: agentKey(agent), subject: agent };
  const detail = { reasons: [...order.reasons], share, stand_in: standIn, instances };
  if (status === 'unhealthy') {
    const kind = instances === 0 ? 'instances_gone' : 'agent_unhealthy';
    const summary = `${agent} is unhealthy: ${reasonsOf(order)}.${whatIsDone(order)}`;
    return { ...about, kind, severity: 'critical', state: 'open', summary, detail };
  }
  if (share < 100) return undefined;
  if (status === 'degraded') {
    const summary = `${agent} is degraded: ${reasonsOf(order)}.`;
    return { ...about, kind: 'agent_degraded', severity: 'warning', state: 'open', summary, detail };
  }
  return resolved({ ...about, kind: 'agent_unhealthy', summary: `${agent} is healthy again.` });
};

/** A count that is looked at again and again, with its time in milliseconds. */
export interface Reading {
  readonly at: number;
  readonly value: number;
}

/** A count over this time is compared with itself. Milliseconds. */
export const growthMs = 300_000;

/** The readings that are still needed, with a new one. */
export const withReading = (readings: readonly Reading[], newest: Reading): Reading[] => [
  // The newest of those that are older than that is what the present value is compared with.
  ...readings.slice(
    Math.max(
      0,
      readings.findLastIndex(({ at }) => newest.at - at >= growthMs),
    ),
  ),
  newest,
];

/** By how much a count has grown within the time; undefined: it was not looked at for so long. */
export const growthOf = (readings: readonly Reading[]): number | undefined => {
  const [first, last] = [readings[0], readings.at(-1)];
  if (first === undefined || last === undefined || last.at - first.at < growthMs) return undefined;
  return last.value - first.value;
};

/** More tasks wait than may, and more than five minutes ago; it is over when fewer wait than may. */
export const backlogFinding = (agent: AgentName, readings: readonly Reading[], limit: number): Finding | undefined => {
  const growth = growthOf(readings);
  const waiting = readings.at(-1)?.value ?? 0;
  const about = { key: `backlog/${agent}`, kind: 'backlog_growing', subject: agent } as const;
  if (waiting < limit) return resolved({ ...about, summary: `${waiting} tasks of ${agent} wait.` });
  if (growth === undefined || growth <= 0) return undefined;
  const summary = `${waiting} tasks of ${agent} wait, ${growth} more than five minutes ago.`;
  return { ...about, severity: 'warning', state: 'open', summary, detail: { waiting, growth } };
};

/** It is over when there are half as few new ones. */
export const deadLettersFinding = (readings: readonly Reading[], limit: number): Finding | undefined => {
  const growth = growthOf(readings);
  const about = { key: 'dead-letters', kind: 'dead_letters_growing', subject: 'dead letters' } as const;
  if (growth === undefined || (growth < limit && growth * 2 >= limit)) return undefined;
  if (growth < limit) return resolved({ ...about, summary: 'Few dead letters are added now.' });
  const summary = `${growth} dead letters more than five minutes ago.`;
  return {
    ...about,
    severity: 'warning',
    state: 'open',
    summary,
    detail: { growth, open: readings.at(-1)?.value ?? 0 },
  };
};

/** A broker that is away for a moment is none. Milliseconds. */
const awayMs = 10_000;

/** Two things that are wrong by themselves: the broker, and its disk. */
export const brokerFindings = (state: BrokerState, alarm: string | undefined, forMs: number): Finding[] => {
  const isDisk = state === 'blocked' && /disk/i.test(alarm ?? '');
  const broker = { key: 'broker', kind: 'broker_alarm', subject: 'the message broker' } as const;
  const disk = { key: 'broker-disk', kind: 'broker_disk_alarm', subject: 'the disk of the message broker' } as const;
  const fine = 'The message broker takes messages.';
  if (state === 'up') return [broker, disk].map((about) => resolved({ ...about, summary: fine }));
  if (state === 'down' && forMs < awayMs) return [];
  const [about, summary] = isDisk
    ? [disk, `The message broker takes no messages: ${alarm ?? ''}.`]
    : [
        broker,
        state === 'down'
          ? 'The message broker cannot be reached.'
          : `The message broker takes no messages: ${alarm ?? 'it is blocked'}.`,
      ];
  const detail = { state, alarm: alarm ?? null };
  return [
    { ...about, severity: 'critical', state: 'open', summary: `${summary} Tasks are accepted and wait.`, detail },
  ];
};
