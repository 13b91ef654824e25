// Approvals of calls of tools. A task asks by waiting, as for anything else; any other caller asks here, and repeats the call
// when it is decided.
import { createHash, randomUUID } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { type ApprovedCalls, approvedCallsOperation } from '@pulser/contracts';
import { Database, statement, type TenantTransaction } from '@pulser/database';

import { approvalHash, type ApprovalSubject, tellOfApprovals } from '../tasks/asked-approval.js';
import { bodyHash } from '../tasks/body-hash.js';
import { shownArguments, shownText } from '../tasks/shown-arguments.policy.js';

/** What a call does, exactly. */
export interface CallSubject {
  readonly tool: string;
  readonly arguments: unknown;
  /** What was approved, where it is several calls. */
  readonly within?: ApprovedCalls | undefined;
}

/** The place of a call among those that were approved together, from 0; undefined: it is none of them. */
export const placeAmong = ({ calls }: ApprovedCalls, call: CallSubject): number | undefined => {
  const hash = bodyHash(call.arguments);
  const place = calls.findIndex(({ tool, arguments: given }) => tool === call.tool && bodyHash(given) === hash);
  return place === -1 ? undefined : place;
};

export interface AskingPrincipal {
  /** Of a key, or subject of a token. */
  readonly id: string;
  readonly name: string;
}

/** In the approval of a call that no task makes. */
const outside = { key: '', taskType: '', step: '', iteration: 0 } as const;

const subjectOf = (
  { tool, arguments: given, within }: CallSubject,
  place: Omit<ApprovalSubject, 'operation' | 'arguments'> = outside,
): ApprovalSubject =>
  within === undefined
    ? { ...place, operation: tool, arguments: given }
    : { ...place, operation: approvedCallsOperation, arguments: within };

// Of two that ask for the same at once the second waits for the first, so that it finds its approval.
const takeTurn = statement(
  'call-approvals.take-turn',
  `select pg_advisory_xact_lock(hashtextextended('pulser call approval ' || (select pulser.tenant_id())::text || $1 || $2, 0))`,
);

// One that the same principal asked for, of the very same, and that nobody has decided, is the one; messages tell of a new one alone.
const ask = statement(
  'call-approvals.ask',
  `with names as (select pulser.identities((select pulser.tenant_id()), $1) as requesters), known as (
     select a.approval_id from approval a, names n where a.tenant_id = (select pulser.tenant_id()) and a.task_id is null
       and a.hash = decode($4, 'hex') and a.status = 'waiting' and a.expires_at > now() and a.requesters = n.requesters
     limit 1
   ), asked as (
     insert into approval (tenant_id, approval_id, task_type, operation, wait_key, title, arguments, hash, requesters, expires_at)
     select (select pulser.tenant_id()), pulser.new_id(), '', $2, '', $3, $5::jsonb, decode($4, 'hex'), n.requesters,
       now() + make_interval(secs => $6) from names n where not exists (select from known)
     returning *
   ), telling as (
     select tenant_id, approval_id, $7 as text, $8::text[] as names from asked
   ), ${tellOfApprovals}
   select approval_id as "approvalId" from known union all select approval_id from asked`,
);

const approved = statement(
  'call-approvals.approved',
  `select a.wait_key as key, a.task_type as "taskType", a.step, a.iteration, encode(a.hash, 'hex') as hash from approval a
   where a.tenant_id = (select pulser.tenant_id()) and a.approval_id = $1 and a.operation = $2 and a.status = 'approved'
     and (a.task_id = $3 or a.task_id is null and $3::uuid is null
       and a.requesters && pulser.identities((select pulser.tenant_id()), $4))`,
);

const noteUse = statement(
  'call-approvals.note-use',
  `update approval set used_at = coalesce(used_at, now())
   where tenant_id = (select pulser.tenant_id()) and approval_id = $1`,
);

interface ApprovedRow extends Omit<ApprovalSubject, 'operation' | 'arguments'> {
  readonly hash: string;
}

/** Seconds after which nobody has decided. */
const expiryS = 7 * 86_400;

const titleOf = ({ tool }: CallSubject, name: string): string => `${name} wants to call ${tool}`.slice(0, 200);

@Injectable()
export class CallApprovals {
  constructor(private readonly database: Database) {}

  /**
   * Asks for the approval of a call that no task makes, once for as long as nobody has decided it.
   * @param notify names of the destinations that are told
   * @returns the id of the approval @throws DatabaseUnavailable
   */
  ask(tenantId: string, who: AskingPrincipal, call: CallSubject, notify: readonly string[]): Promise<string> {
    const hash = approvalHash(subjectOf(call));
    const shown = shownArguments(call.arguments);
    const row = [who.id, call.tool, titleOf(call, who.name), hash, JSON.stringify(shown), expiryS];
    return this.database.withTenant(tenantId, async (transaction) => {
      await transaction.query(takeTurn, [who.id, hash]);
      const [asked] = await transaction.query<{ approvalId: string }>(ask, [...row, shownText(shown), notify]);
      if (asked === undefined) throw new Error('An insert returned no row');
      return asked.approvalId;
    });
  }

  /**
   * Whether persons have approved this very call of this very caller, alone or among others; notes that it is used.
   * @param caller the task that calls, or else the principal
   */
  async use(
    transaction: TenantTransaction,
    approvalId: string,
    caller: { readonly taskId: string | null; readonly principal: string | null },
    call: CallSubject,
  ): Promise<boolean> {
    if (call.within !== undefined && placeAmong(call.within, call) === undefined) return false;
    const operation = call.within === undefined ? call.tool : approvedCallsOperation;
    const values = [approvalId, operation, caller.taskId, caller.principal];
    const [row] = await transaction.query<ApprovedRow>(approved, values);
    if (row === undefined) return false;
    const { hash: asked, ...place } = row;
    if (approvalHash(subjectOf(call, place)) !== asked) return false;
    await transaction.query(noteUse, [approvalId]);
    return true;
  }
}

/** The id of a call that is made now: in the week of now, so that it goes when the week goes. */
export const newCallId = (): string => {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
};

const weekMs = 7 * 86_400_000;

/**
 * The ids of a call of somebody who is no task with a key: the one of this week, and that of the last week, under which it may
 * have been made before.
 */
export const keyedCallIds = (
  tenantId: string,
  principal: string,
  key: string,
  now: number,
): readonly [string, string] => {
  const week = Math.floor(now / weekMs);
  const idIn = (of: number): string => {
    const time = (of * weekMs).toString(16).padStart(12, '0');
    const hash = createHash('sha256')
      .update(JSON.stringify([tenantId, principal, key]))
      .digest('hex');
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hash.slice(0, 3)}-8${hash.slice(3, 6)}-${hash.slice(6, 18)}`;
  };
  return [idIn(week), idIn(week - 1)];
};
