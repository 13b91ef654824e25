// What became of each step of a deployment, for its result or its error.
import type { DeployStep } from './deploy-contract.js';

type Step = DeployStep['step'];

export const stepDone = (step: Step, message: string): DeployStep => ({ step, outcome: 'done', message });
export const stepSkipped = (step: Step, message: string): DeployStep => ({ step, outcome: 'skipped', message });
export const stepFailed = (step: Step, message: string): DeployStep => ({ step, outcome: 'failed', message });
