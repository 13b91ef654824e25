// What agents remember, found by its meaning, of the tenant of the call alone.
import { defineTool, ToolError } from '@pulser/mcp-server-kit';
import type { Client } from 'pg';
import { z } from 'zod';

import { withDatabase } from '../connection.js';
import { embeddedQuestion, type EmbeddedQuestion } from '../question.js';

const Hit = z.object({
  memory_id: z.string(),
  agent: z.string().nullable().describe('Null: shared by all agents'),
  type: z.string(),
  subject: z.string().nullable(),
  content: z.string(),
  trust: z.string(),
  similarity: z.number().describe('From 0 to 1'),
  created_at: z.string(),
});

const models = 'select model_id, fingerprint from embedding_model where name = $1';

// The nearest chunks first, then the memories that they are parts of: a join of all would read every memory.
const nearest = `
  with nearest as materialized (
    select memory_id, embedding <=> $1::vector as distance from memory_chunk
    where tenant_id = (select pulser.tenant_id()) and model_id = $2 order by distance limit $3
  ), best as (select memory_id, min(distance) as distance from nearest group by memory_id)
  select m.memory_id, m.agent_name as agent, m.memory_type as type, m.subject, m.content, m.trust,
    greatest(0, least(1, 1 - b.distance)) as similarity, to_json(m.created_at) #>> '{}' as created_at
  from best b join agent_memory m on m.tenant_id = (select pulser.tenant_id()) and m.memory_id = b.memory_id
  where (m.expires_at is null or m.expires_at > now()) and (m.agent_name is null or m.agent_name = $4)
    and ($5::text is null or m.memory_type = $5) and ($6::text is null or m.subject = $6)
  order by b.distance, m.memory_id desc limit $7`;

const modelOf = async (client: Client, question: EmbeddedQuestion): Promise<number> => {
  const [row] = (await client.query<{ model_id: number; fingerprint: number[] }>(models, [question.model])).rows;
  if (row === undefined)
    throw new ToolError('not_found', `Nothing was remembered with the model ${question.model} yet`);
  if (!question.agrees(row.fingerprint))
    throw new ToolError('conflict', `The vectors in the database are of another model than ${question.model}`);
  return row.model_id;
};

/** Chunks, before filters: several are of one memory. */
const candidates = 200;

const search = defineTool({
  name: 'supabase_memory_search',
  title: 'Search memories',
  description:
    "Finds what agents of the tenant remember by its meaning: memories that all agents share, and with `agent` that agent's own.",
  flag: 'read',
  input: z.object({
    query: z.string().min(1).max(2_000),
    agent: z.string().max(100).optional(),
    type: z.string().max(100).optional(),
    subject: z.string().max(500).optional(),
    limit: z.int().min(1).max(50).default(10),
  }),
  output: z.object({ memories: z.array(Hit), truncated: z.boolean().default(false) }),
  examples: [{ arguments: { query: 'how did we fix the import of March?' } }],
  run: async ({ query, agent, type, subject, limit }, call) => {
    call.required('SUPABASE_DB_URL');
    if (call.tenant === undefined) throw new ToolError('refused', 'Memories belong to tenants: the call names none');
    const question = await embeddedQuestion(call, query);
    return withDatabase(call, 'read only', async (client) => {
      const model = await modelOf(client, question);
      const values = [question.vector, model, candidates, agent ?? null, type ?? null, subject ?? null, limit];
      return { memories: (await client.query<z.input<typeof Hit>>(nearest, values)).rows };
    });
  },
});

export const memoryTools = [search] as const;
