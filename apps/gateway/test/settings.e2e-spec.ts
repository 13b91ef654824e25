// Gateways with settings of their own: beside one on a shared database and broker, or with ones of their own where they
// change what others see. To run one: -t 'its description'.
import { stopSharedGateway } from './shared-gateway.js';

import './settings/dashboard.cases.js';
import './settings/dispatch-credit.cases.js';
import './settings/docs-access.cases.js';
import './settings/fast-submit.cases.js';
import './settings/oidc.cases.js';
import './settings/quota.cases.js';
import './settings/rate-limit.cases.js';
import './settings/secrets-key.cases.js';
import './settings/served-routes.cases.js';
import './settings/service-keys.cases.js';
import './settings/shared-broker.cases.js';
import './settings/token-keys.cases.js';
import './settings/tokens.cases.js';
import './settings/undeclared-route.cases.js';
import './settings/uploads.cases.js';

afterAll(stopSharedGateway);
