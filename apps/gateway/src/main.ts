import { runService } from '@pulser/service-kit';

import { gateway } from './gateway.js';

await runService(gateway);
