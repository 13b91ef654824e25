// All cases of the page, on one Pulser and in one browser. One of them: `-t 'its description'`.
// The link of npm start is good for five minutes: first.
import './person.cases.js';
import './frame.cases.js';
import './design.cases.js';
import './every-page.cases.js';
import './hostile-texts.cases.js';
import './live.cases.js';
import './pages/submit.cases.js';
import './pages/tasks.cases.js';
import './pages/schedules.cases.js';
import './pages/hooks.cases.js';
import './pages/overview.cases.js';
import './pages/agents.cases.js';
import './pages/conversations.cases.js';
import './pages/datasets.cases.js';
import './pages/memory.cases.js';
import './pages/settings.cases.js';
import './pages/approvals.cases.js';
import './pages/audit.cases.js';
import './pages/keys.cases.js';
import './pages/login.cases.js';
import './pages/secrets.cases.js';
import './pages/destinations.cases.js';
import './pages/incidents.cases.js';
import './pages/mcp.cases.js';
import './pages/spend.cases.js';
import './pages/trace.cases.js';
import './pages/workflows.cases.js';
// After all others.
import './log.cases.js';

import { stopShared } from './dashboard-harness.js';

afterAll(() => stopShared());
