// How far a rollout has come, by the rules of `kubectl rollout status`, and where it can go back to.
import { z } from 'zod';

/** What a rollout's state depends on; fields as the API has them. */
export interface RolloutFacts {
  readonly generation: number;
  readonly observedGeneration: number;
  readonly desired: number;
  readonly replicas: number;
  readonly updated: number;
  readonly ready: number;
  readonly available: number;
  readonly paused: boolean;
  /** The controller has given up waiting for progress. */
  readonly deadlineExceeded: boolean;
}

export type RolloutState = 'complete' | 'progressing' | 'failed' | 'paused';

/** State of a rollout and one line about it. */
export const rolloutState = (facts: RolloutFacts): { readonly state: RolloutState; readonly message: string } => {
  const { desired, replicas, updated, available } = facts;
  if (facts.observedGeneration < facts.generation)
    return { state: 'progressing', message: 'The controller has not seen the latest change yet' };
  if (facts.deadlineExceeded)
    return {
      state: 'failed',
      message: `It made no progress within its deadline: ${available} of ${desired} available`,
    };
  const waiting: RolloutState = facts.paused ? 'paused' : 'progressing';
  if (updated < desired)
    return { state: waiting, message: `${updated} of ${desired} replicas are of the new revision` };
  if (replicas > updated) return { state: waiting, message: `${replicas - updated} old replicas still run` };
  if (available < updated) return { state: waiting, message: `${available} of ${updated} new replicas are available` };
  return { state: 'complete', message: `All ${desired} replicas are of the new revision and available` };
};

const revisionKey = 'deployment.kubernetes.io/revision';

/** Number of the revision that the controller has written onto a deployment or a replica set. */
export const revisionOf = (
  metadata: { readonly annotations?: Readonly<Record<string, string>> | undefined } | undefined,
): number | undefined => {
  const revision = Number(metadata?.annotations?.[revisionKey]);
  return Number.isInteger(revision) && revision > 0 ? revision : undefined;
};

const Metadata = z.object({
  uid: z.string().optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  ownerReferences: z.array(z.object({ uid: z.string(), controller: z.boolean().optional() })).default([]),
});
/** A replica set whose template is kept as it came: a field that a schema left out would be lost in the cluster. */
export const ReplicaSet = z.object({
  metadata: Metadata,
  spec: z.object({ template: z.record(z.string(), z.unknown()) }),
});
export type ReplicaSet = z.infer<typeof ReplicaSet>;

/** A template that a deployment had. */
export interface Revision {
  readonly revision: number;
  readonly template: Readonly<Record<string, unknown>>;
}

// The controller adds it to each replica set's template.
const hashLabel = 'pod-template-hash';

const withoutHash = (template: ReplicaSet['spec']['template']): Revision['template'] => {
  const parsed = z.object({ metadata: z.looseObject({ labels: z.record(z.string(), z.string()).default({}) }) });
  const { metadata } = parsed.parse(template);
  const labels = Object.fromEntries(Object.entries(metadata.labels).filter(([name]) => name !== hashLabel));
  return { ...template, metadata: { ...metadata, labels } };
};

/** The revisions of the deployment with that uid, newest first. */
export const revisionsOf = (sets: readonly ReplicaSet[], deploymentUid: string): readonly Revision[] =>
  sets
    .filter(({ metadata }) =>
      metadata.ownerReferences.some(({ uid, controller }) => uid === deploymentUid && controller),
    )
    .flatMap(({ metadata, spec }) => {
      const revision = revisionOf(metadata);
      return revision === undefined ? [] : [{ revision, template: withoutHash(spec.template) }];
    })
    .toSorted((a, b) => b.revision - a.revision);

/** The revision to go back to: the one that is asked for, or the one before the current one. */
export const targetOf = (
  revisions: readonly Revision[],
  current: number | undefined,
  wanted: number | undefined,
): Revision | undefined =>
  wanted === undefined
    ? revisions.find(({ revision }) => current === undefined || revision < current)
    : revisions.find(({ revision }) => revision === wanted);

const Images = z.object({ spec: z.object({ containers: z.array(z.object({ image: z.string().default('') })) }) });

export const imagesOf = (template: unknown): string[] =>
  Images.parse(template).spec.containers.map(({ image }) => image);
