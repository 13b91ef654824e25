// Kinds of work: tasks whose texts mean about the same, whatever words they use.
import type { FinishedTask, TaskContext } from '@pulser/agent-runtime/skill';
import { agnes } from 'ml-hclust';

import { groupBy, judged, succeeded, taskName, topicOf } from '../history/history.js';
import { type Durations, durationsOf } from '../statistics/quantiles.policy.js';
import { proportion, type Proportion } from '../statistics/proportions.policy.js';
import { sampleOf } from './sample.policy.js';

/** Average distance (1 - cosine) up to which groups are one. */
export const maxDistance = 0.6;

/** Texts of one call: more would make some embedders start a thread for each core. */
const embedBatch = 16;

const maxExamples = 3;

export interface TaskCluster {
  /** Text of the task that is nearest to all others. */
  readonly about: string;
  /** Texts of the next nearest, all different. */
  readonly examples: readonly string[];
  readonly tasks: number;
  /** Kinds of its tasks, the most frequent first. */
  readonly kinds: readonly { readonly task: string; readonly tasks: number }[];
  /** Undefined when all were cancelled. */
  readonly success: Proportion | undefined;
  readonly duration: Durations | undefined;
  readonly taskIds: readonly string[];
}

export interface MinedClusters {
  /** Tasks without a phrase in their payload: their kind is their operation. */
  readonly withoutText: number;
  /** Tasks that were looked at. */
  readonly tasks: number;
  /** Whether they are a sample. */
  readonly sampled: boolean;
  /** Different texts among them. */
  readonly texts: number;
  readonly found: readonly TaskCluster[];
  /** Tasks in groups that are too small. */
  readonly tooLittle: number;
}

/** Unit vectors, in batches that can be aborted. */
export const embedAll = async (
  texts: readonly string[],
  { embed, signal, progress }: Pick<TaskContext, 'embed' | 'signal' | 'progress'>,
): Promise<readonly (readonly number[])[]> => {
  const vectors: (readonly number[])[] = [];
  for (let from = 0; from < texts.length; from += embedBatch) {
    signal.throwIfAborted();
    vectors.push(...(await embed(texts.slice(from, from + embedBatch))));
    progress((90 * vectors.length) / texts.length, 'reading what tasks are about');
  }
  return vectors;
};

/** Cosine of unit vectors. */
export const similarity = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

/**
 * Agglomerative clusters by average link (Sokal and Michener 1958). Equal texts count once.
 * @param sampleSize tasks that are looked at, at most
 */
export const mineClusters = async (
  all: readonly FinishedTask[],
  { sampleSize, minEvidence }: { readonly sampleSize: number; readonly minEvidence: number },
  context: Pick<TaskContext, 'embed' | 'signal' | 'progress'>,
): Promise<MinedClusters> => {
  const described = all.filter((task) => topicOf(task) !== undefined);
  const tasks = sampleOf(described, sampleSize);
  const byText = groupBy(tasks, (task) => topicOf(task) ?? '');
  const texts = [...byText.keys()];
  const vectors = await embedAll(texts, context);
  const groups = groupsOf(vectors).map((places) => clusterOf(places, texts, vectors, byText));
  const found = groups.filter((group) => group.tasks >= minEvidence).sort((a, b) => b.tasks - a.tasks);
  return {
    withoutText: all.length - described.length,
    tasks: tasks.length,
    sampled: tasks.length < described.length,
    texts: texts.length,
    found,
    tooLittle: tasks.length - found.reduce((sum, group) => sum + group.tasks, 0),
  };
};

const groupsOf = (vectors: readonly (readonly number[])[]): number[][] => {
  if (vectors.length < 2) return vectors.map((_vector, index) => [index]);
  const distances = vectors.map((a) => vectors.map((b) => Math.max(0, 1 - similarity(a, b))));
  const tree = agnes(distances, { method: 'average', isDistanceMatrix: true });
  return tree.cut(maxDistance).map((group) => group.indices());
};

const clusterOf = (
  places: readonly number[],
  texts: readonly string[],
  vectors: readonly (readonly number[])[],
  byText: ReadonlyMap<string, readonly FinishedTask[]>,
): TaskCluster => {
  const nearness = (place: number): number =>
    places.reduce((sum, other) => sum + similarity(vectors[place] ?? [], vectors[other] ?? []), 0);
  const ranked = places
    .map((place) => ({ place, near: nearness(place) }))
    .sort((a, b) => b.near - a.near || a.place - b.place)
    .map(({ place }) => texts[place] ?? '');
  const [about = '', ...others] = ranked;
  const tasks = places.flatMap((place) => byText.get(texts[place] ?? '') ?? []);
  const ended = judged(tasks);
  return {
    about,
    examples: others.slice(0, maxExamples),
    tasks: tasks.length,
    kinds: [...groupBy(tasks, taskName)]
      .map(([task, ofKind]) => ({ task, tasks: ofKind.length }))
      .sort((a, b) => b.tasks - a.tasks),
    success: ended.length === 0 ? undefined : proportion(ended.filter(succeeded).length, ended.length),
    duration: durationsOf(ended.filter(succeeded).map(({ runMs }) => runMs)),
    taskIds: tasks.map(({ taskId }) => taskId),
  };
};
