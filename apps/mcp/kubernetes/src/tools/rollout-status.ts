import { setTimeout as delay } from 'node:timers/promises';

import type { V1Deployment } from '@kubernetes/client-node';
import { defineTool, type ToolCallContext } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { namespaceField, ObjectName } from '../arguments.js';
import { type Cluster, withCluster } from '../cluster.js';
import { revisionOf, type RolloutFacts, rolloutState } from '../rollout.policy.js';

const pollMs = 1_000;
const maxWaitS = 300;

const factsOf = ({ metadata, spec, status }: V1Deployment): RolloutFacts => ({
  generation: metadata?.generation ?? 0,
  observedGeneration: status?.observedGeneration ?? 0,
  desired: spec?.replicas ?? 1,
  replicas: status?.replicas ?? 0,
  updated: status?.updatedReplicas ?? 0,
  ready: status?.readyReplicas ?? 0,
  available: status?.availableReplicas ?? 0,
  paused: spec?.paused ?? false,
  deadlineExceeded: status?.conditions?.some(({ reason }) => reason === 'ProgressDeadlineExceeded') ?? false,
});

const Output = z.object({
  namespace: z.string(),
  name: z.string(),
  state: z.enum(['complete', 'progressing', 'failed', 'paused']),
  message: z.string(),
  revision: z.int().optional(),
  desired: z.int(),
  updated: z.int(),
  ready: z.int(),
  available: z.int(),
  waited_s: z.number(),
});

const look = async ({ apps }: Cluster, namespace: string, name: string) => {
  const deployment = await apps.readNamespacedDeployment({ namespace, name });
  const facts = factsOf(deployment);
  const { desired, updated, ready, available } = facts;
  const revision = revisionOf(deployment.metadata);
  return { namespace, name, ...rolloutState(facts), revision, desired, updated, ready, available };
};

/** Looks until the rollout has ended or the time is over. */
const wait = async (
  cluster: Cluster,
  { namespace, name, wait_s }: { namespace: string; name: string; wait_s: number },
  call: ToolCallContext,
): Promise<z.input<typeof Output>> => {
  const from = performance.now();
  for (;;) {
    const seen = await look(cluster, namespace, name);
    const waited = performance.now() - from;
    call.progress(Math.min(seen.updated, seen.available), seen.desired, seen.message);
    if (seen.state !== 'progressing' || waited + pollMs > wait_s * 1_000)
      return { ...seen, waited_s: Math.round(waited / 100) / 10 };
    await delay(pollMs, undefined, { signal: call.signal });
  }
};

export const rolloutStatus = defineTool({
  name: 'k8s_rollout_status',
  title: 'Watch a rollout',
  description:
    'Reports how far the rollout of a deployment has come. With wait_s it waits, reporting progress, until the rollout is complete, has failed or is paused; after that time the answer is the state it is in then.',
  flag: 'read',
  timeLimitMs: (maxWaitS + 30) * 1_000,
  input: z.object({ ...namespaceField, name: ObjectName, wait_s: z.int().min(0).max(maxWaitS).default(0) }),
  output: Output,
  examples: [{ arguments: { namespace: 'web', name: 'shop' } }, { arguments: { name: 'shop', wait_s: 120 } }],
  run: ({ name, wait_s, ...args }, call) =>
    withCluster(call, (cluster) =>
      wait(cluster, { namespace: args.namespace ?? cluster.namespace, name, wait_s }, call),
    ),
});
