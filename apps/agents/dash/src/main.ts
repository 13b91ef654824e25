import { runService } from '@pulser/service-kit';

import { dash } from './dash.js';

await runService(dash);
