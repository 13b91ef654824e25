import { serve } from '@pulser/mcp-server-kit';

import { superset } from './server.js';

await serve(superset);
