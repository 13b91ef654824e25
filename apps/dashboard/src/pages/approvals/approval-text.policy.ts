// An approval in words.
import type { ApprovalDetail, ApprovalStatus, ApprovalView } from '@pulser/contracts';

import type { IconName } from '../../ui/icon.js';
import type { Tone } from '../../ui/status-badge.js';

interface Look {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly text: string;
}

export const approvalLooks: Readonly<Record<ApprovalStatus, Look>> = {
  waiting: { tone: 'wait', icon: 'wait', text: 'Waiting' },
  approved: { tone: 'ok', icon: 'success', text: 'Approved' },
  denied: { tone: 'bad', icon: 'failed', text: 'Denied' },
  expired: { tone: 'warn', icon: 'clock', text: 'Expired' },
  withdrawn: { tone: 'idle', icon: 'slash', text: 'Withdrawn' },
};

type Deciders = Pick<ApprovalView, 'refusal' | 'persons' | 'role'>;

const decidersOf = ({ persons, role }: Deciders): string =>
  persons === null ? `another person with the role ${role} decides it` : `it is for ${persons.join(' or ')} to decide`;

/** Why the caller may not decide it, and who may; undefined: the caller may. */
export const refusalText = (approval: Deciders): string | undefined => {
  switch (approval.refusal) {
    case null:
      return undefined;
    case 'forbidden':
      return `Your role may not decide it: ${decidersOf(approval)}.`;
    case 'not_a_decider':
      return `You are not asked: ${decidersOf(approval)}.`;
    case 'self_approval':
      return `You had a part in the request: ${decidersOf(approval)}.`;
    case 'decided':
      return 'You have decided it.';
    case 'ended':
      return 'Nothing is to be decided any more.';
  }
};

/** What is asked for: its task type, operation and step. */
export const subjectText = ({ task_type: type, operation, step, iteration }: ApprovalView): string =>
  [
    [type, operation].filter((part) => part !== null).join(' '),
    ...(step === null ? [] : [`step ${step}`]),
    ...(iteration === 0 ? [] : [`iteration ${iteration}`]),
  ].join(', ');

/** Who has to decide, and how many have. */
export const neededText = ({ needed, approved_by: given, persons, role }: ApprovalView): string => {
  const who = persons === null ? `with the role ${role}` : `of ${persons.join(', ')}`;
  return `${given} of ${needed} ${needed === 1 ? 'person' : 'persons'} ${who}`;
};

/** One member that differs from the last approved arguments. */
export interface ChangedMember {
  readonly place: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** What a JSON Pointer (RFC 6901) points at; undefined: nothing. */
const found = (value: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (at, part) => (typeof at === 'object' && at !== null ? (Reflect.get(at, part) as unknown) : undefined),
      value,
    );

/** What differs from the last one that was approved; undefined: none was. */
export const changesOf = ({ last_approved: last, changes }: ApprovalDetail): ChangedMember[] | undefined =>
  last === null || changes === null
    ? undefined
    : changes.map(({ op, path, value }) => ({
        place: path === '' ? 'everything' : path,
        before: op === 'add' ? undefined : shown(found(last.arguments, path)),
        after: op === 'remove' ? undefined : shown(value),
      }));

/** The one after an approval in a list, from the start again after the last; undefined: there is no other. */
export const nextOf = (ids: readonly string[], current: string | undefined): string | undefined => {
  const at = current === undefined ? -1 : ids.indexOf(current);
  const next = ids[(at + 1) % Math.max(1, ids.length)];
  return next === current ? undefined : next;
};
