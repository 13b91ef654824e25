// One gateway with the usual settings for all of these, each with tenants of its own. To run one: -t 'its description'.
import { stopSharedGateway } from './shared-gateway.js';

import './api/access.cases.js';
import './api/artifacts.cases.js';
import './api/audit.cases.js';
import './api/batch.cases.js';
import './api/dead-letters.cases.js';
import './api/dead-letters-bulk.cases.js';
import './api/dead-letters-replay.cases.js';
import './api/docs.cases.js';
import './api/empty-bodies.cases.js';
import './api/events.cases.js';
import './api/hostile-input.cases.js';
import './api/key-life.cases.js';
import './api/keys.cases.js';
import './api/pauses.cases.js';
import './api/problems.cases.js';
import './api/routes.cases.js';
import './api/status.cases.js';
import './api/submit.cases.js';
import './api/tasks.cases.js';
import './api/wait.cases.js';

afterAll(stopSharedGateway);
