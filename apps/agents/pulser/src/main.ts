import { runService } from '@pulser/service-kit';

import { pulser } from './pulser.js';

await runService(pulser);
