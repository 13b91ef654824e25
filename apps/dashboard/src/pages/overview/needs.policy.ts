// What waits for a person, the worst first, each with what to do about it.
import type { AgentHealth, ApprovalView, DeadLetterGroup, Pause } from '@pulser/contracts';

import { stringifySearch } from '../../app/search.policy.js';
import { counted } from '../../ui/numbers.policy.js';
import { duration } from '../../ui/time.policy.js';
import type { IconName } from '../../ui/icon.js';
import type { StatusView } from './status-query.js';

export interface Need {
  readonly id: string;
  readonly tone: 'bad' | 'warn';
  readonly icon: IconName;
  readonly title: string;
  readonly detail: string;
  /** Since when, or when last (RFC 3339). */
  readonly at?: string;
  /** Where it is looked at, and the verb that says so; none where nothing in the page helps. */
  readonly place?: string;
  readonly verb?: string;
  /** That could be resumed here. */
  readonly pause?: Pause;
}

/** Queued tasks that were submitted so long ago. */
export interface LongWait {
  readonly minutes: number;
  /** When that was (RFC 3339). */
  readonly before: string;
}

export interface Facts {
  readonly broker: StatusView['broker'];
  readonly agents: readonly AgentHealth[];
  readonly pauses: readonly Pause[];
  readonly letters: readonly DeadLetterGroup[];
  readonly wait: LongWait | null;
  /** That the caller may decide. */
  readonly approvals: readonly ApprovalView[];
  /** Milliseconds of the epoch. */
  readonly now: number;
}

/** Dead letters grow where one has come within so many milliseconds. */
const growingMs = 3_600_000;

/** A cause of which more are listed is a line of its own page. */
const mostLetters = 3;

const broker = (state: StatusView['broker']): Need[] =>
  state === 'up'
    ? []
    : [
        {
          ...{ id: 'broker', tone: 'bad', icon: 'alert' },
          title: state === 'down' ? 'RabbitMQ cannot be reached' : 'RabbitMQ takes no messages',
          detail:
            state === 'down'
              ? 'Tasks are accepted and wait until it is back. See whether it runs, and its logs.'
              : 'Tasks are accepted and wait. It blocks senders while it is short of memory or disk: see its alarms.',
        },
      ];

const growing = (letters: readonly DeadLetterGroup[], now: number): Need[] => {
  const fresh = letters.filter(({ last_at: last }) => now - Date.parse(last) < growingMs);
  const shown = fresh
    .toSorted((a, b) => b.count - a.count)
    .slice(0, mostLetters)
    .map(({ fingerprint, reason, count, sample, last_at: at }): Need => ({
      ...{ id: `letters ${fingerprint}`, tone: 'bad', icon: 'deadLetters', at },
      title: `${counted(count, 'dead letter')}: ${reason}`,
      detail: sample ?? 'Without a message',
      place: `/dead-letters${stringifySearch({ fingerprint })}`,
      verb: 'Look at them',
    }));
  const rest = fresh.length - shown.length;
  if (rest === 0) return shown;
  return [
    ...shown,
    {
      ...{ id: 'letters', tone: 'bad', icon: 'deadLetters' },
      title: `Dead letters of ${counted(rest, 'other cause')}`,
      detail: 'New ones came within the last hour.',
      place: '/dead-letters',
      verb: 'Look at all',
    },
  ];
};

const silent = (agents: readonly AgentHealth[]): Need[] =>
  agents
    .filter(({ state }) => state === 'silent')
    .map(({ agent, reason, last_seen: at, open }) => ({
      ...{ id: `silent ${agent}`, tone: open > 0 ? 'bad' : 'warn', icon: 'agents', at },
      title: `${agent} is silent`,
      detail: open > 0 ? `${reason}. ${counted(open, 'task')} of yours not ended.` : reason,
      place: `/agents/${agent}`,
      verb: 'Look at it',
    }));

const paused = (pauses: readonly Pause[]): Need[] =>
  pauses.map((pause) => {
    const { agent, task_type: type, reason, for_all_tenants: isForAll, paused_at: at } = pause;
    const name = agent ?? type ?? '';
    return {
      ...{ id: `pause ${agent ?? ''} ${type ?? ''} ${isForAll}`, tone: 'warn', icon: 'pause', at },
      title: agent === null ? `Tasks of type ${name} are paused` : `${name} is paused`,
      detail: [
        reason ?? 'Without a reason.',
        ...(isForAll ? ['Operators of the installation have paused it for all.'] : []),
      ].join(' '),
      place: agent === null ? `/tasks${stringifySearch({ task_type: name })}` : `/agents/${name}`,
      verb: 'Look at it',
      ...(!isForAll && { pause }),
    };
  });

const waiting = (wait: LongWait | null): Need[] =>
  wait === null
    ? []
    : [
        {
          ...{ id: 'wait', tone: 'warn', icon: 'wait' },
          title: `Tasks are queued for more than ${duration(wait.minutes * 60_000)}`,
          detail: 'Each says on its page why it waits.',
          place: `/tasks${stringifySearch({ status: 'queued', created_before: wait.before })}`,
          verb: 'Look at them',
        },
      ];

const undecided = (approvals: readonly ApprovalView[]): Need[] => {
  const [newest] = approvals;
  if (newest === undefined) return [];
  const oldest = approvals.at(-1) ?? newest;
  return [
    {
      ...{ id: 'approvals', tone: 'warn', icon: 'approvals', at: oldest.asked_at },
      title: `${counted(approvals.length, 'approval')} ${approvals.length === 1 ? 'waits' : 'wait'} for you`,
      detail: approvals.length === 1 ? newest.title : `${newest.title}, and others`,
      place: '/approvals',
      verb: 'Decide',
    },
  ];
};

export const needsOf = ({ broker: state, agents, pauses, letters, wait, approvals, now }: Facts): Need[] => {
  const needs = [
    ...broker(state),
    ...growing(letters, now),
    ...undecided(approvals),
    ...silent(agents),
    ...waiting(wait),
    ...paused(pauses),
  ];
  return needs.toSorted((a, b) => Number(b.tone === 'bad') - Number(a.tone === 'bad'));
};
