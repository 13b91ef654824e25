import { agentEnv, defineExtendedAgent } from '@pulser/agent-runtime';
import { admissionEnv, DispatchPort, Intake } from '@pulser/context-bus';
import { Env, Rounds } from '@pulser/service-kit';
import { orchestration } from '@pulser/skill-orchestration';

import { RunsConsumer } from './runs/runs.consumer.js';
import { RunAdvance } from './runs/run-advance.js';
import { RunDecisions } from './runs/run-decisions.js';
import { RunSubmissions, StepDispatch } from './runs/run-submissions.js';
import { RunSweep } from './runs/run-sweep.js';

/** Configuration of the worker that advances runs: it submits tasks too. */
export class PulserEnv extends Env({ ...agentEnv, ...admissionEnv }) {}

/** The conductor: runs of workflows, whose steps are tasks of any agent. */
export const pulser = defineExtendedAgent(
  { name: 'pulser', skills: [orchestration], defaultPort: 8016 },
  PulserEnv,
  (env) => ({
    controllers: [RunsConsumer],
    providers: [
      { provide: DispatchPort, useClass: StepDispatch },
      ...[Intake, Rounds, RunAdvance, RunDecisions, RunSubmissions, RunSweep],
    ],
    hears: ['steps.ended'],
    admission: env,
  }),
);
