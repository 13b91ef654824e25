import { runService } from '@pulser/service-kit';

import { arkie } from './arkie.js';

await runService(arkie);
