import { serve } from '@pulser/mcp-server-kit';

import { github } from './server.js';

await serve(github);
