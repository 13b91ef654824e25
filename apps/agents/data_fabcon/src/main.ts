import { runService } from '@pulser/service-kit';

import { data_fabcon } from './data_fabcon.js';

await runService(data_fabcon);
