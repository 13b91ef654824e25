import { runService } from '@pulser/service-kit';

import { router } from './router.js';

await runService(router);
