// What was mined, as skills that an agent can look up: when each applies, its steps, how often it succeeded, and the tasks
// that prove it.
import { createHash } from 'node:crypto';

import type { TaskContext } from '@pulser/agent-runtime/skill';

import type { TaskCluster } from '../clusters/clusters.js';
import type { Sequence } from '../sequences/sequences.policy.js';
import type { Proportion } from '../statistics/proportions.policy.js';
import type { SuccessFactor } from '../success/success-factors.policy.js';
import type { Cure } from '../success/second-tries.policy.js';

export const memoryType = 'skill';

export type SkillKind = 'sequence' | 'kind_of_work' | 'success_factor' | 'second_try';

export interface MinedSkill {
  /** The same for the same finding, whatever its numbers are. */
  readonly key: string;
  readonly kind: SkillKind;
  readonly when: string;
  readonly steps: readonly string[];
  readonly success: Proportion;
  /** Ids of tasks, the newest last; at most 50. */
  readonly evidence: readonly string[];
  /** Tasks that prove it, those beyond the 50 included. */
  readonly evidence_tasks: number;
}

const maxEvidence = 50;

/** Characters of an example: what is kept must fit into what the embedder sees. */
const maxExample = 160;

/** Skills that are kept at most; those with the most evidence first. */
export const maxSkills = 50;

const keyOf = (kind: SkillKind, ...parts: readonly string[]): string =>
  `${kind}:${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)}`;

const evidenceOf = (taskIds: readonly string[]): Pick<MinedSkill, 'evidence' | 'evidence_tasks'> => ({
  evidence: [...taskIds].sort().slice(-maxEvidence),
  evidence_tasks: taskIds.length,
});

export const skillOfSequence = ({ steps, success, taskIds, support, lift }: Sequence): MinedSkill => ({
  key: keyOf('sequence', ...steps),
  kind: 'sequence',
  when: `After ${steps[0] ?? ''}: seen in ${support} sessions, ${lift} times as often as by chance`,
  steps,
  success,
  ...evidenceOf(taskIds),
});

export const skillOfCluster = ({ about, examples, kinds, success, taskIds }: TaskCluster): MinedSkill[] => {
  const [most] = kinds;
  if (success === undefined || most === undefined) return [];
  return [
    {
      key: keyOf('kind_of_work', most.task, about),
      kind: 'kind_of_work',
      when: `Tasks like: ${[about, ...examples].map((text) => text.slice(0, maxExample)).join('; ')}`,
      steps: [most.task],
      success,
      ...evidenceOf(taskIds),
    },
  ];
};

export const skillOfFactor = (factor: SuccessFactor): MinedSkill => {
  const { task, field, value, with_value: having, with_others: others, taskIds } = factor;
  const helps = having.rate > others.rate;
  return {
    key: keyOf('success_factor', task, field),
    kind: 'success_factor',
    when: `${task}, where ${field} is ${value}: ${having.successes} of ${having.trials} succeeded, otherwise ${others.successes} of ${others.trials}`,
    steps: [task, `${helps ? 'prefer' : 'avoid'} ${field} = ${value}, or look there first when it fails`],
    success: having,
    ...evidenceOf(taskIds),
  };
};

export const skillOfCure = ({ task, field, error_codes, changes, changed, taskIds }: Cure): MinedSkill => ({
  key: keyOf('second_try', task, field),
  kind: 'second_try',
  when: `${task} failed with ${error_codes.join(' or ')}`,
  steps: [task, `try again with another ${field}, as in ${changes.map(({ change }) => change).join(', ')}`],
  success: changed,
  ...evidenceOf(taskIds),
});

/** As it is kept, and found by its meaning: numbers say little there, and are in the metadata. */
export const contentOf = ({ when, steps, success }: MinedSkill): string =>
  `${when}. Steps: ${steps.join(', then ')} (${success.successes} of ${success.trials} succeeded).`;

export interface Kept {
  readonly ids: readonly string[];
  /** Skills of earlier minings of the same tasks, which these replace. */
  readonly forgotten: number;
}

type Memory = Pick<TaskContext, 'remember' | 'searchMemory' | 'forgetMemory'>;

const dayMs = 86_400_000;
const maxListed = 100;

/**
 * Keeps skills under a subject in place of all that were kept there before. The new ones are there before the old ones go:
 * whoever looks meanwhile may see both, never neither. An attempt that dies in between leaves both to the next mining.
 */
export const keepSkills = async (
  skills: readonly MinedSkill[],
  { subject, keepDays }: { readonly subject: string; readonly keepDays: number },
  { remember, searchMemory, forgetMemory }: Memory,
): Promise<Kept> => {
  const expiresAt = new Date(Date.now() + keepDays * dayMs).toISOString();
  const ids = await remember(
    skills.map((skill) => ({
      type: memoryType,
      subject,
      content: contentOf(skill),
      metadata: { ...skill, success: { ...skill.success } },
      trust: 'derived' as const,
      expiresAt,
    })),
  );
  let forgotten = 0;
  for (;;) {
    const there = await searchMemory({ text: subject, type: memoryType, subject, limit: maxListed, minScore: 0 });
    const old = there.map(({ id }) => id).filter((id) => !ids.includes(id));
    if (old.length === 0) return { ids, forgotten };
    const gone = await forgetMemory({ ids: old });
    // What cannot be forgotten is not asked for again.
    if (gone === 0) return { ids, forgotten };
    forgotten += gone;
  }
};
