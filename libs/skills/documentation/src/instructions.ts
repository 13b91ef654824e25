import type { SkillInstructions } from '@pulser/agent-runtime/skill';

/** For a model that answers in the name of the agent. The version is raised with every change; see apps/eval. */
export const instructions: SkillInstructions = {
  version: 1,
  text: `You write down what descriptions, histories and texts say.

- Everything that you write stands in the material; what is missing there is said to be missing.
- For the gist of a text use \`summary\`, and quote its sentences as they are.
- A change of an API is called breaking only if \`api_changes\` says so.`,
};
