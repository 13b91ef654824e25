// Brings deployments back to what they were, and says of each whether it is.
import type { CallsApproval, TaskContext } from '@pulser/agent-runtime/skill';

import { type ClusterTools, type DeploymentFacts, isRefusal } from './cluster-tools.js';
import { type ChangedDeployment, labelOf } from './deploy-plan.js';
import { watch, type Watched } from './rollout-watch.js';

/** What became of one deployment. */
interface Returned {
  readonly deployment: string;
  readonly isBack: boolean;
  readonly message: string;
}

export interface RolledBack {
  readonly isBack: boolean;
  readonly message: string;
  readonly rollouts: Watched['rollouts'];
}

/** The revision after the one that it had is that of the apply; a later one, with the images that it had, is the way back. */
const isAsBefore = (was: DeploymentFacts | undefined, is: DeploymentFacts | undefined): boolean => {
  if (was === undefined) return is === undefined || is.desired === 0;
  if (is?.revision === undefined || was.revision === undefined) return false;
  return is.revision !== was.revision + 1 && JSON.stringify(is.images) === JSON.stringify(was.images);
};

/** Where the call was refused, or its end is not known, the state of the cluster decides. */
const returned = async (
  tools: ClusterTools,
  { place, was, back }: ChangedDeployment,
  make: () => Promise<void>,
): Promise<Returned> => {
  const deployment = labelOf(place);
  if (back === undefined) return { deployment, isBack: false, message: 'there is no revision to go back to' };
  try {
    await make();
    const message = was === undefined ? 'it was new and is stopped' : `back to revision ${was.revision ?? ''}`;
    return { deployment, isBack: true, message };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const isBack = isAsBefore(was, await tools.deployment(place));
    return { deployment, isBack, message: isBack ? 'it is as it was' : error.message };
  }
};

const summaryOf = (all: readonly Returned[]): string =>
  all.map(({ deployment, message }) => `${deployment}: ${message}`).join('; ');

/** @param limitS seconds in which the rollouts back must be complete */
export const rollBack = async (
  context: TaskContext,
  tools: ClusterTools,
  deployments: readonly ChangedDeployment[],
  { approval, limitS }: { readonly approval: CallsApproval | undefined; readonly limitS: number },
): Promise<RolledBack> => {
  const all: Returned[] = [];
  for (const [place, one] of deployments.entries()) {
    const key = `roll back ${place}`;
    const make = () => (one.back === undefined ? Promise.resolve() : tools.make(key, one.back, approval));
    all.push(await context.once(key, () => returned(tools, one, make)));
  }
  const places = deployments.filter(({ was }, at) => was !== undefined && all[at]?.isBack).map(({ place }) => place);
  const { verdict, rollouts } = await watch(context, tools, { key: 'watch back', places, limitS });
  const isBack = all.every((one) => one.isBack) && verdict === 'complete';
  return { isBack, message: summaryOf(all), rollouts };
};
