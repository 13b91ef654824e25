import { type FinishedTask, operation, type TaskContext } from '@pulser/agent-runtime/skill';

import { mineClusters, type MinedClusters } from '../clusters/clusters.js';
import { readHistory } from '../history/history.js';
import { summaryOf } from '../history/summary.policy.js';
import {
  keepSkills,
  maxSkills,
  type MinedSkill,
  skillOfCluster,
  skillOfCure,
  skillOfFactor,
  skillOfSequence,
} from '../memory/skill-memory.js';
import { mineSequences, type MinedSequences } from '../sequences/sequences.policy.js';
import { sessionsOf } from '../sequences/sessions.policy.js';
import { type MinedFactors, mineFactors } from '../success/success-factors.policy.js';
import { type MinedSecondTries, mineSecondTries, repeatedAttempts } from '../success/second-tries.policy.js';
import { MineInput } from './mine-contract.js';

interface Findings {
  readonly sequences: MinedSequences;
  readonly clusters: MinedClusters;
  readonly factors: MinedFactors;
  readonly secondTries: MinedSecondTries;
}

/** Kinds of work are kept under the name of this skill, apart from those of other task types. */
export const subjectOf = (taskType: string | undefined): string => `mined: ${taskType ?? 'all task types'}`;

export const mine = operation({
  name: 'mine',
  summary:
    'Finds recurring sequences, kinds of work and what goes with success in the tasks that were done, and keeps them',
  input: MineInput,
  example: { operation: 'mine', since_days: 7 },
  handle: async (input, context) => {
    const history = await readHistory(context, {
      taskType: input.task_type,
      sinceDays: input.since_days,
      maxTasks: input.max_tasks,
    });
    const findings = await findIn(history.tasks, input, context);
    const skills = skillsOf(findings);
    const subject = subjectOf(input.task_type);
    const kept = input.keep ? await keepSkills(skills, { subject, keepDays: input.keep_days }, context) : undefined;
    return {
      history: { ...summaryOf(history.tasks), complete: history.complete },
      ...told(findings),
      repeated_attempts: repeatedAttempts(history.tasks),
      skills: skills.map((skill, index) => ({ ...skill, memory_id: kept?.ids[index] ?? null })),
      memory: { subject, kept: kept?.ids.length ?? 0, replaced: kept?.forgotten ?? 0 },
      too_little_evidence: tooLittle(findings, history.tasks.length, input.min_evidence),
    };
  },
});

const findIn = async (tasks: readonly FinishedTask[], input: MineInput, context: TaskContext): Promise<Findings> => {
  const { min_evidence: minEvidence, cluster_sample: sampleSize } = input;
  const pauseMs = input.pause_minutes * 60_000;
  const clusters = await mineClusters(tasks, { sampleSize, minEvidence }, context);
  const sequences = mineSequences(sessionsOf(tasks, pauseMs), minEvidence);
  context.signal.throwIfAborted();
  const factors = mineFactors(tasks, minEvidence);
  const secondTries = mineSecondTries(tasks, { minEvidence, pauseMs });
  return { sequences, clusters, factors, secondTries };
};

const skillsOf = ({ sequences, clusters, factors, secondTries }: Findings): MinedSkill[] =>
  [
    ...sequences.found.map(skillOfSequence),
    ...clusters.found.flatMap(skillOfCluster),
    ...factors.found.map(skillOfFactor),
    ...secondTries.found.map(skillOfCure),
  ]
    .sort((a, b) => b.evidence_tasks - a.evidence_tasks)
    .slice(0, maxSkills);

const maxIds = 50;

/** As a result shows it: the newest 50 tasks of each finding. */
const shown = <T extends { readonly taskIds: readonly string[] }>({ taskIds, ...finding }: T) => ({
  ...finding,
  task_ids: [...taskIds].sort().slice(-maxIds),
  task_count: taskIds.length,
});

const told = ({ sequences, clusters, factors, secondTries }: Findings) => ({
  sequences: { ...sequences, found: sequences.found.map(shown) },
  clusters: {
    without_text: clusters.withoutText,
    looked_at: clusters.tasks,
    sampled: clusters.sampled,
    texts: clusters.texts,
    found: clusters.found.map(shown),
    in_small_groups: clusters.tooLittle,
  },
  success_factors: {
    tests: factors.tests,
    found: factors.found.map(shown),
    note: 'What goes together with success need not be its cause.',
  },
  second_tries: { ...secondTries, found: secondTries.found.map(shown) },
});

/** What nothing can be said about, and why. */
const tooLittle = ({ sequences, clusters, factors, secondTries }: Findings, tasks: number, least: number): string[] => [
  ...(tasks < least ? [`history: ${tasks} finished tasks, ${least} are needed`] : []),
  ...(sequences.sessions < least
    ? [`sequences: sessions of two tasks or more: ${sequences.sessions}, ${least} are needed`]
    : []),
  ...(clusters.found.length === 0 && clusters.tasks > 0 ? [`clusters: no ${least} tasks are alike`] : []),
  ...factors.tooLittle.map((task) => `success factors: ${task} has not both outcomes often enough`),
  ...(secondTries.pairs < least ? [`second tries: after a failure: ${secondTries.pairs}, ${least} are needed`] : []),
];
