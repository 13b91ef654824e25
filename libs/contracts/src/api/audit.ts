import { z } from 'zod';

import { plainText } from '../json.js';
import { exportable } from './exports.js';
import { maxPage } from './tasks.js';

/** One deed: who did what, to what, from where, and whether it was allowed. */
export const AuditEntryView = z
  .object({
    seq: z.int().meta({ description: 'Counts from 1 without gaps' }),
    at: z.iso.datetime(),
    actor: z
      .object({
        kind: z.enum(['key', 'person', 'system']),
        id: z.string().nullable(),
        name: z.string(),
        origin: z.string().nullable().meta({ description: 'Address that the request came from' }),
        via: z.string().nullable().meta({ description: 'Method and route of the request, or a command' }),
        session_id: z.uuid().nullable().meta({ description: "Of the browser's session that the request came with" }),
      })
      .meta({ id: 'AuditActor' }),
    action: z
      .string()
      .meta({ description: 'Noun and verb, like key.created or key.revoked', examples: ['key.created'] }),
    targets: z.array(z.string()).meta({ description: 'What was changed' }),
    outcome: z.enum(['done', 'refused']),
    before_digest: z.string().nullable().meta({ description: 'SHA-256 of what it was, hexadecimal' }),
    after_digest: z.string().nullable().meta({ description: 'SHA-256 of what it became, hexadecimal' }),
    hash: z.string().meta({ description: 'SHA-256 of this entry and the hash of the one before it' }),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntryView = z.infer<typeof AuditEntryView>;

export const AuditPage = z
  .object({
    entries: z.array(AuditEntryView),
    next_before: z.int().nullable().meta({ description: 'The `before` of the next page; null on the last one' }),
  })
  .meta({ id: 'AuditPage' });
export type AuditPage = z.infer<typeof AuditPage>;

export const AuditQuery = z.strictObject({
  before: z.coerce.number().int().min(1).optional().meta({ description: 'Entries before this one' }),
  action: plainText(100).optional(),
  actor_id: plainText(200).optional().meta({ description: 'Id of a key, or subject of a token' }),
  target: plainText(200).optional().meta({ description: 'Id of what was changed' }),
  limit: z.coerce.number().int().min(1).max(maxPage).default(50),
  ...exportable,
});
export type AuditQuery = z.infer<typeof AuditQuery>;

export const AuditVerdict = z
  .object({
    entries: z.int(),
    intact: z.boolean(),
    first_broken: z
      .int()
      .nullable()
      .meta({ description: 'The first entry that was altered, moved, or follows one that was removed' }),
  })
  .meta({ id: 'AuditVerdict' });
export type AuditVerdict = z.infer<typeof AuditVerdict>;
