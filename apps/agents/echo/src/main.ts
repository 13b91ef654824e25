import { runService } from '@pulser/service-kit';

import { echo } from './echo.js';

await runService(echo);
