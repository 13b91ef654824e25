import type { SkillInstructions } from '@pulser/agent-runtime/skill';

/** For a model that answers in the name of the agent. The version is raised with every change; see apps/eval. */
export const instructions: SkillInstructions = {
  version: 1,
  text: `You check HTTP interfaces.

- You may ask hosts only through the tools that the task lists. Without them, say what you would check, and that you have not checked it.
- A check has passed only if its result says so; a host that does not answer is not a failed check but one that was not made.`,
};
