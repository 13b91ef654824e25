// Approvals: what a task asks persons for before it goes on, and what they decide.
import { z } from 'zod';

import { DestinationName } from '../destination-name.js';
import { plainText } from '../json.js';
import { RoleName } from '../roles.js';
import { exportable } from './exports.js';
import { maxPage } from './tasks.js';

export const approvalLimits = {
  title: 200,
  persons: 20,
  needed: 20,
  /** Seconds. */
  expiry: 90 * 86_400,
  usualExpiry: 7 * 86_400,
} as const;

export const approvalStatuses = ['waiting', 'approved', 'denied', 'expired', 'withdrawn'] as const;
export const ApprovalStatus = z.enum(approvalStatuses).meta({
  description: '`expired` counts as denied; `withdrawn`: the task has ended, or asks for something else now',
});
export type ApprovalStatus = z.infer<typeof ApprovalStatus>;

/** Id of an API key, or subject of a token. */
const Person = plainText(200).min(1).meta({ description: 'Subject of a token, or id of an API key' });

export const ApproverRole = RoleName.extract(['approver', 'admin']);
export type ApproverRole = z.infer<typeof ApproverRole>;

/** Who has to decide, and until when: as an operation or a step declares it. */
export const approvalRules = {
  needed: z.int().min(1).max(approvalLimits.needed).default(1).meta({ description: 'Persons that must approve' }),
  role: ApproverRole.default('approver').meta({ description: 'The least role of who decides' }),
  persons: z
    .array(Person)
    .min(1)
    .max(approvalLimits.persons)
    .optional()
    .meta({ description: 'Who alone may decide; without, everybody with the role' }),
  expires_in_s: z
    .int()
    .min(1)
    .max(approvalLimits.expiry)
    .default(approvalLimits.usualExpiry)
    .meta({ description: 'Seconds after which it counts as denied, with the code `approval_expired`' }),
  notify: z
    .array(DestinationName)
    .max(10)
    .default([])
    .meta({ description: 'Destinations that the request is sent to' }),
};

export const ApprovalRules = z
  .strictObject(approvalRules)
  .refine(({ needed, persons }) => persons === undefined || new Set(persons).size >= needed, {
    message: 'More persons must approve than are named',
    path: ['needed'],
  });
export type ApprovalRules = z.infer<typeof ApprovalRules>;

const Time = z.iso.datetime();
const NullableTime = Time.nullable();

export const verdicts = ['approved', 'denied', 'delegated'] as const;

const ApprovalDecision = z.object({
  person: z.string(),
  name: z.string().meta({ description: 'Of the key that decided, or the subject' }),
  verdict: z.enum(verdicts),
  comment: z.string().nullable(),
  delegated_to: z.string().nullable(),
  at: Time,
});

export const ApprovalView = z
  .object({
    approval_id: z.uuid(),
    status: ApprovalStatus,
    title: z.string(),
    task_id: z.uuid().nullable().meta({ description: 'Null: a call of a tool that no task makes' }),
    root_id: z.uuid().nullable().meta({ description: 'First ancestor of the task' }),
    task_type: z.string().nullable(),
    operation: z.string().nullable(),
    step: z.string().nullable(),
    iteration: z.int(),
    arguments: z.unknown().meta({ description: 'What is to be done: secrets are hidden, long texts are cut' }),
    hash: z
      .string()
      .meta({ description: 'SHA-256 of the exact arguments, operation, step and iteration, hexadecimal' }),
    needed: z.int().meta({ description: 'Persons that must approve' }),
    approved_by: z.int().meta({ description: 'Persons that have' }),
    role: ApproverRole,
    persons: z.array(z.string()).nullable().meta({ description: 'Who alone may decide' }),
    decisions: z.array(ApprovalDecision).meta({ description: 'Oldest first' }),
    asked_at: Time,
    expires_at: Time,
    ended_at: NullableTime,
    used_at: NullableTime.meta({ description: 'When the task took the outcome, which it does once' }),
    may_decide: z.boolean().meta({ description: 'Whether the caller may decide it now' }),
    refusal: z
      .enum(['forbidden', 'not_a_decider', 'self_approval', 'decided', 'ended'])
      .nullable()
      .meta({ description: 'Why the caller may not' }),
  })
  .meta({ id: 'Approval' });
export type ApprovalView = z.infer<typeof ApprovalView>;

export const ApprovalDetail = ApprovalView.extend({
  last_approved: z
    .object({ approval_id: z.uuid(), ended_at: Time, arguments: z.unknown() })
    .nullable()
    .meta({ description: 'The last one of the same operation and step that was approved' }),
  changes: z
    .array(z.object({ op: z.string(), path: z.string(), value: z.unknown().optional() }))
    .nullable()
    .meta({ description: 'JSON Patch (RFC 6902) from the arguments of the last approved one; null: there is none' }),
}).meta({ id: 'ApprovalDetail' });
export type ApprovalDetail = z.infer<typeof ApprovalDetail>;

export const ApprovalQuery = z.strictObject({
  status: ApprovalStatus.optional(),
  task: z.uuid().optional().meta({ description: 'Of this task, or of one below it' }),
  limit: z.coerce.number().int().min(1).max(maxPage).default(50),
  cursor: plainText(200).optional(),
  ...exportable,
});
export type ApprovalQuery = z.infer<typeof ApprovalQuery>;

export const ApprovalPage = z
  .object({
    approvals: z.array(ApprovalView),
    next_cursor: z.string().nullable().meta({ description: 'Send as `cursor` for the next page; null at the end' }),
  })
  .meta({ id: 'ApprovalPage' });
export type ApprovalPage = z.infer<typeof ApprovalPage>;

export const ApprovalLinkQuery = z.strictObject({
  link: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .meta({ description: 'Signature of the link in a message: with another one there is nothing here' }),
});
export type ApprovalLinkQuery = z.infer<typeof ApprovalLinkQuery>;

const comment = plainText(2_000).optional().meta({ description: 'Kept with the decision' });

export const ApprovalVerdict = z
  .strictObject({
    comment,
    hash: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional()
      .meta({ description: 'Of what was looked at: a decision about anything else is refused' }),
  })
  .meta({ id: 'ApprovalVerdict', example: { comment: 'Checked with the owner' } });
export type ApprovalVerdict = z.infer<typeof ApprovalVerdict>;

export const ApprovalDelegation = z
  .strictObject({
    to: Person.meta({ description: 'Who decides instead: subject of a token, or id of an API key' }),
    comment,
  })
  .meta({ id: 'ApprovalDelegation', example: { to: 'grace@example.com' } });
export type ApprovalDelegation = z.infer<typeof ApprovalDelegation>;
