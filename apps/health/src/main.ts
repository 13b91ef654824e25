import { runService } from '@pulser/service-kit';

import { health } from './health.js';

await runService(health);
