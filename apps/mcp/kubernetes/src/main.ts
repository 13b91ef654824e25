import { serve } from '@pulser/mcp-server-kit';

import { kubernetes } from './server.js';

await serve(kubernetes);
