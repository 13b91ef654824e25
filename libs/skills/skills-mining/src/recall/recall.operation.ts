import { type MemoryHit, operation } from '@pulser/agent-runtime/skill';
import { z } from 'zod';

/** What `recall` takes. */
const RecallInput = z.strictObject({
  operation: z.literal('recall'),
  text: z.string().trim().min(1).max(2_000).describe('What is asked for; found by its meaning'),
  subject: z.string().min(1).max(200).optional().describe('Only what is known about this'),
  type: z.string().min(1).max(64).optional().describe('Only memories of this type, like `skill`'),
  limit: z.int().min(1).max(50).default(10),
  min_score: z.number().min(0).max(1).default(0.3).describe('Similarity from which on a memory counts'),
});

export const recall = operation({
  name: 'recall',
  summary:
    'What is known about something: memories by their meaning, with where they come from and how far they are trusted',
  input: RecallInput,
  example: { operation: 'recall', text: 'What usually follows an ingest?', type: 'skill' },
  repeatable: true,
  handle: async ({ text, subject, type, limit, min_score: minScore }, { searchMemory }) => {
    const hits = await searchMemory({
      text,
      limit,
      minScore,
      ...(subject !== undefined && { subject }),
      ...(type !== undefined && { type }),
    });
    return {
      known: hits.length > 0,
      memories: hits.map(shown),
      ...(hits.length === 0 && { because: `nothing in memory is as similar as ${minScore}` }),
    };
  },
});

/** A memory is what was said or derived, not a fact: each with its source. */
const shown = ({ id, type, content, subject, metadata, trust, score, createdAt }: MemoryHit) => ({
  memory_id: id,
  type,
  subject: subject ?? null,
  content,
  trust,
  score: Math.round(score * 1_000) / 1_000,
  created_at: createdAt,
  provenance: metadata,
});
