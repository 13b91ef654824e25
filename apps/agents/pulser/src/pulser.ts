import { defineAgent, RunBegins } from '@pulser/agent-runtime';
import { Rounds } from '@pulser/service-kit';
import { orchestration } from '@pulser/skill-orchestration';

import { FirstDecisions } from './runs/first-decisions.js';
import { RunsConsumer } from './runs/runs.consumer.js';
import { RunAdvance } from './runs/run-advance.js';
import { RunDecisions } from './runs/run-decisions.js';
import { RunSubmissions } from './runs/run-submissions.js';
import { RunSweep } from './runs/run-sweep.js';

/** The conductor: runs of workflows, whose steps are tasks of any agent. */
export const pulser = defineAgent(
  { name: 'pulser', skills: [orchestration], defaultPort: 8016 },
  {
    controllers: [RunsConsumer],
    providers: [
      Rounds,
      RunAdvance,
      RunDecisions,
      RunSubmissions,
      RunSweep,
      { provide: RunBegins, useClass: FirstDecisions },
    ],
    hears: ['steps.ended'],
  },
);
