import { serve } from '@pulser/mcp-server-kit';

import { digitalocean } from './server.js';

await serve(digitalocean);
