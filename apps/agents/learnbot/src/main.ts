import { runService } from '@pulser/service-kit';

import { learnbot } from './learnbot.js';

await runService(learnbot);
