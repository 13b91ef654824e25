import { serve } from '@pulser/mcp-server-kit';

import { pulserHub } from './server.js';

await serve(pulserHub);
