import { serve } from '@pulser/mcp-server-kit';

import { supabase } from './server.js';

await serve(supabase);
