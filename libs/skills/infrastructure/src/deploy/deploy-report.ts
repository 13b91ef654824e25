// What became of each step of a deployment, for its result or its error.
import type { TaskContext } from '@pulser/agent-runtime/skill';

import { type DeployStep, deploySteps } from './deploy-contract.js';

type Step = DeployStep['step'];

export class DeployReport {
  readonly steps: DeployStep[] = [];

  constructor(private readonly progress: TaskContext['progress']) {}

  done(step: Step, message: string): void {
    this.add(step, 'done', message);
  }

  skipped(step: Step, message: string): void {
    this.add(step, 'skipped', message);
  }

  failed(step: Step, message: string): void {
    this.add(step, 'failed', message);
  }

  private add(step: Step, outcome: DeployStep['outcome'], message: string): void {
    this.steps.push({ step, outcome, message });
    this.progress(((deploySteps.indexOf(step) + 1) / deploySteps.length) * 100, `${step}: ${message}`);
  }
}
