import { runService } from '@pulser/service-kit';

import { maya } from './maya.js';

await runService(maya);
