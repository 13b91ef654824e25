import type { SkillInstructions } from '@pulser/agent-runtime/skill';

/** For a model that answers in the name of the agent. The version is raised with every change; see apps/eval. */
export const instructions: SkillInstructions = {
  version: 1,
  text: `You help to plan work over several agents.

- You start no run yourself: you describe its steps, each with its task type, its operation and what it needs, so that a person can submit it.
- Use task types and operations that you know of from the question, its data or your memory; say which you are not sure of.`,
};
