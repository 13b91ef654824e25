import { serve } from '@pulser/mcp-server-kit';

import { docker } from './server.js';

await serve(docker);
