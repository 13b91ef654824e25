// The server: its variables and its tools.
import type { McpServerDefinition } from '@pulser/mcp-server-kit';

import { logTools } from './tools/logs.js';
import { memoryTools } from './tools/memory.js';
import { migrationTools } from './tools/migrations.js';
import { queryTools } from './tools/queries.js';
import { rowTools } from './tools/rows.js';
import { tableTools } from './tools/tables.js';

const optional = { secret: false, required: false } as const;

export const supabase: McpServerDefinition = {
  name: 'supabase',
  title: 'Supabase and PostgreSQL',
  version: '0.2.0',
  variables: [
    {
      name: 'SUPABASE_DB_URL',
      description:
        'Address of the database, with a login that may do what the tools shall do and nothing more; not a superuser',
      secret: true,
      required: true,
      example: 'postgresql://agent:...@db.abcdefgh.supabase.co:5432/postgres',
    },
    {
      ...{ name: 'SUPABASE_FUNCTIONS', example: 'close_month,billing.recompute' },
      description: 'Functions that supabase_rpc_call may call, comma separated',
      ...optional,
    },
    { name: 'SUPABASE_PROJECT_REF', description: 'Reference of the project, for its logs', ...optional },
    { ...optional, name: 'SUPABASE_ACCESS_TOKEN', description: 'Personal access token, for logs', secret: true },
    { name: 'SUPABASE_API_URL', description: 'Management API, when it is not https://api.supabase.com', ...optional },
    {
      name: 'EMBEDDING_URL',
      description: "Endpoint with OpenAI's embeddings API, as Pulser's services have it",
      ...optional,
    },
    { ...optional, name: 'EMBEDDING_KEY', description: 'Key of that endpoint', secret: true },
    { name: 'EMBEDDING_MODEL', description: 'Its model', ...optional },
    { name: 'EMBEDDING_DIMENSIONS', description: 'Dimensions of its vectors', ...optional },
  ],
  ports: [5432, 6543],
  tools: [...tableTools, ...queryTools, ...rowTools, ...migrationTools, ...logTools, ...memoryTools],
};
