// An approval as a task asks for it: its id and hash, and the part of the suspending statement that writes it, with the
// messages that tell of it.
import { approvalLimits, type ApprovalRules } from '@pulser/contracts';

import { childIdOf } from './child-id.policy.js';
import { bodyHash } from './body-hash.js';
import { shownArguments, shownText } from './shown-arguments.policy.js';

/** What is to be approved, exactly. */
export interface ApprovalSubject {
  /** Of the wait: two gates that ask for the same are two approvals. */
  readonly key: string;
  readonly taskType: string;
  readonly operation: string;
  readonly step: string;
  readonly iteration: number;
  readonly arguments: unknown;
}

/** A row of `approval` as the worker writes it. */
export interface AskedApproval {
  readonly title: string;
  readonly operation: string;
  readonly step: string;
  readonly iteration: number;
  /** As persons see them. */
  readonly arguments: unknown;
  /** Of messages. */
  readonly text: string;
  /** Hexadecimal. */
  readonly hash: string;
  readonly needed: number;
  readonly role: string;
  readonly persons: readonly string[] | null;
  readonly notify: readonly string[];
}

/** Bytes of arguments that can be shown, and so be approved. */
export const maxArgumentBytes = 65_536;

/** SHA-256 of what is to be approved, hex; the order of keys does not matter. */
export const approvalHash = (subject: ApprovalSubject): string => bodyHash(subject);

/**
 * The id of an approval: the same in every attempt that asks for the same, another one as soon as anything of it differs. So
 * what was approved once is never taken for something else.
 */
export const approvalIdOf = (taskId: string, hash: string): string => childIdOf(taskId, `approval ${hash}`);

export const askedApproval = (title: string, subject: ApprovalSubject, rules: ApprovalRules): AskedApproval => {
  const shown = shownArguments(subject.arguments);
  const { operation, step, iteration } = subject;
  return {
    ...{ title: title.slice(0, approvalLimits.title), operation, step, iteration },
    ...{ arguments: shown, text: shownText(shown), hash: approvalHash(subject) },
    ...{ needed: rules.needed, role: rules.role, persons: rules.persons ?? null, notify: rules.notify },
  };
};

/** SQL: what a link to the approval of the row is signed with. The key has a fixed length and comes first. */
export const linkOf = (row: string): string =>
  `encode(sha256(${row}.link_key || convert_to(${row}.approval_id::text, 'UTF8') || ${row}.hash), 'hex')`;

// A destination that is being deleted is passed over.
/**
 * Common table expressions: the messages that tell of the approvals `asked`. `telling` has for each the text of the message and
 * the names of destinations.
 */
export const tellOfApprovals = `addressed as materialized (
     select t.tenant_id, t.approval_id, d.destination_id
     from telling t cross join lateral (
       select destination_id from destination
       where tenant_id = t.tenant_id and confirmed_at is not null and name = any (t.names) for key share skip locked
     ) d
   ), noted as (
     insert into notification (tenant_id, notification_id, kind, content)
     select a.tenant_id, a.approval_id, 'approval', jsonb_build_object('approval_id', a.approval_id, 'task_id', a.task_id,
       'title', a.title, 'text', t.text, 'needed', a.needed, 'expires_at', to_jsonb(a.expires_at), 'link', ${linkOf('a')})
     from asked a join telling t on t.tenant_id = a.tenant_id and t.approval_id = a.approval_id
     where (a.tenant_id, a.approval_id) in (select tenant_id, approval_id from addressed)
   ), sent as (
     insert into notification_delivery (tenant_id, notification_id, destination_id, message_id)
     select tenant_id, approval_id, destination_id, approval_id from addressed
   )`;

// Told of it are the destinations that it names, and those that are told of the end of the task and of its first ancestor.
// An approval that the task asked for under the same key with other arguments is withdrawn. In order of tenants, since the
// notifications of one are locked by the first of them.
/** Common table expressions: over the waits `looked` of the tasks `written`. */
export const askApprovals = `superseded as (
     update approval a set status = 'withdrawn', ended_at = now() from looked c join written k on k.task_id = c."taskId"
     where c.kind = 'approval' and a.tenant_id = c."tenantId" and a.task_id = c."taskId" and a.wait_key = c.key
       and a.status = 'waiting' and a.approval_id::text <> c.ref
   ), asked as (
     insert into approval (tenant_id, approval_id, task_id, root_id, task_type, operation, step, iteration, wait_key, title,
       arguments, hash, needed, least_role, deciders, requesters, expires_at)
     select k.tenant_id, c.ref::uuid, k.task_id, coalesce(k.root_id, k.task_id), k.task_type, a.operation, a.step, a.iteration,
       c.key, a.title, a.arguments, decode(a.hash, 'hex'), a.needed, a.role, a.persons,
       pulser.requesters(k.tenant_id, k.task_id), now() + c."timeLimitMs" * interval '1 ms'
     from looked c join written k on k.task_id = c."taskId" cross join lateral jsonb_to_record(c.approval) as a(operation text,
       step text, iteration int, title text, arguments jsonb, hash text, needed int, role text, persons text[])
     where c.kind = 'approval' order by k.tenant_id, c.ref
     on conflict (tenant_id, approval_id) do nothing returning *
   ), telling as materialized (
     select a.tenant_id, a.approval_id, c.approval ->> 'text' as text, array(
       select jsonb_array_elements_text(c.approval -> 'notify') union select unnest(k.notify)
       union select unnest(r.notify) from task_queue r where r.tenant_id = k.tenant_id and r.task_id = k.root_id
     ) as names
     from asked a join looked c on c.kind = 'approval' and c.ref = a.approval_id::text join written k on k.task_id = a.task_id
   ), ${tellOfApprovals}`;
