// Memories over REST: what agents and people note, found again by meaning.
import { z } from 'zod';

import { AgentName } from '../agents.js';
import { Instant } from '../instant.js';
import { plainText, storableText } from '../json.js';
import { boundedObject } from '../tasks.js';
import { exportable } from './exports.js';
import { maxPage } from './tasks.js';

/** How a memory came to be known, the most reliable first. */
export const memoryTrusts = ['stated', 'observed', 'derived'] as const;
export const MemoryTrust = z.enum(memoryTrusts).meta({
  description: '`stated` by a person, `observed` in data or results, or `derived` from other things by a program',
});
export type MemoryTrust = z.infer<typeof MemoryTrust>;

export const maxMemoryCharacters = 32_000;

export const MemoryType = z
  .string()
  .regex(
    /^[a-z][\da-z_.-]{0,63}$/,
    'A small letter, then up to 63 small letters, digits, underscores, dots and hyphens',
  )
  .meta({ description: 'What kind of memory this is, for instance `preference`' });

const Subject = storableText(200).meta({ description: 'Whom or what it is about: memories are forgotten by it' });
const Content = storableText(maxMemoryCharacters);

/** One memory to keep, over REST or by an agent. */
export const CreateMemory = z
  .strictObject({
    type: MemoryType,
    content: Content,
    subject: Subject.optional(),
    agent: AgentName.optional().meta({
      description: 'The agent that alone finds it; without, every agent of the tenant does',
    }),
    trust: MemoryTrust.default('stated'),
    metadata: boundedObject('Kept with the memory, never read by Pulser').optional(),
    expires_at: Instant.optional().meta({ description: 'When it is forgotten by itself (RFC 3339)' }),
  })
  .meta({ id: 'CreateMemory' });
export type CreateMemory = z.infer<typeof CreateMemory>;

const filters = {
  type: MemoryType.optional(),
  subject: plainText(200).optional(),
  agent: AgentName.optional().meta({ description: 'Memories of this agent only, without shared ones' }),
  trust: MemoryTrust.optional(),
  created_after: Instant.optional(),
  created_before: Instant.optional(),
};

const share = z.number().min(0).max(1);

/** What is looked for, and how the hits are ordered. */
export const SearchMemories = z
  .strictObject({
    text: storableText(4_000).meta({ description: 'What is looked for, in any words' }),
    ...filters,
    limit: z.int().min(1).max(maxPage).default(10),
    min_score: share.default(0).meta({ description: 'Hits with a lower score are left out' }),
    recency_weight: share.default(0).meta({
      description:
        'w in score = (1 - w) x similarity + w x 0.5 ^ (age in days / half_life_days). The nearest memories by ' +
        'similarity alone are ordered so: 200, or five times the limit where that is more',
    }),
    half_life_days: z.number().min(0.01).max(36_500).default(30),
  })
  .meta({ id: 'SearchMemories' });
export type SearchMemories = z.infer<typeof SearchMemories>;

export const MemoryQuery = z.strictObject({
  ...filters,
  limit: z.coerce.number().int().min(1).max(maxPage).default(50),
  cursor: plainText(200).optional(),
  ...exportable,
});
export type MemoryQuery = z.infer<typeof MemoryQuery>;

/** Which memories to forget: those that match every filter given, of which there is one at least. */
export const ForgetMemories = z
  .strictObject({
    subject: plainText(200).min(1).optional(),
    type: MemoryType.optional(),
    agent: AgentName.optional(),
    older_than: Instant.optional().meta({ description: 'Made before this time (RFC 3339)' }),
  })
  .refine((filter) => Object.values(filter).some((value) => value !== undefined), {
    message: 'Say which: subject, type, agent or older_than',
  });
export type ForgetMemories = z.infer<typeof ForgetMemories>;

const NullableTime = z.iso.datetime().nullable();

export const MemoryView = z
  .object({
    memory_id: z.uuid(),
    type: z.string(),
    content: z.string(),
    subject: z.string().nullable(),
    agent: z.string().nullable().meta({ description: 'Null: shared by all agents of the tenant' }),
    trust: MemoryTrust,
    metadata: z.record(z.string(), z.unknown()),
    source_task_id: z.uuid().nullable().meta({ description: 'The task in which an agent noted it' }),
    embedded: z.boolean().meta({ description: 'False: not found by meaning yet, but within a minute or so' }),
    created_at: z.iso.datetime(),
    expires_at: NullableTime,
  })
  .meta({ id: 'Memory' });
export type MemoryView = z.infer<typeof MemoryView>;

export const MemoryHitView = MemoryView.extend({
  score: share,
  similarity: share.meta({ description: 'Cosine of the vectors of the text and of the passage, not below 0' }),
  passage: z.string().meta({ description: 'The part of the content that is nearest; all of it when it is short' }),
}).meta({ id: 'MemoryHit' });
export type MemoryHitView = z.infer<typeof MemoryHitView>;

export const MemoryHits = z
  .object({
    model: z.string().meta({ description: 'The embedding model; memories that it has not embedded yet are not found' }),
    search: z.enum(['exact', 'index']).meta({ description: 'Whether all were compared, or an index was asked' }),
    hits: z.array(MemoryHitView),
  })
  .meta({ id: 'MemoryHits' });
export type MemoryHits = z.infer<typeof MemoryHits>;

export const MemoryPage = z
  .object({
    memories: z.array(MemoryView),
    next_cursor: z.string().nullable().meta({ description: 'Send as `cursor` for the next page; null at the end' }),
  })
  .meta({ id: 'MemoryPage' });
export type MemoryPage = z.infer<typeof MemoryPage>;

export const Forgotten = z.object({ forgotten: z.int() }).meta({ id: 'Forgotten' });
export type Forgotten = z.infer<typeof Forgotten>;

export const MemoryCoverage = z
  .object({
    memories: z.int(),
    models: z.array(
      z.object({
        model: z.string(),
        dimensions: z.int(),
        current: z.boolean().meta({ description: 'Whether it is the one that this gateway searches with' }),
        embedded: z.int().meta({ description: 'Memories of the tenant that it can find' }),
        coverage: share.meta({ description: 'embedded / memories; 1 when there are none' }),
      }),
    ),
  })
  .meta({ id: 'MemoryCoverage' });
export type MemoryCoverage = z.infer<typeof MemoryCoverage>;
