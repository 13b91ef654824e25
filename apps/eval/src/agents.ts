// The agents that are evaluated, with what they can do.
import type { Skill } from '@pulser/agent-runtime/skill';
import { analytics } from '@pulser/skill-analytics';
import { dataPipeline } from '@pulser/skill-data-pipeline';
import { documentation } from '@pulser/skill-documentation';
import { infrastructure } from '@pulser/skill-infrastructure';
import { orchestration } from '@pulser/skill-orchestration';
import { skillsMining } from '@pulser/skill-skills-mining';
import { testing } from '@pulser/skill-testing';

export interface EvaluatedAgent {
  readonly name: string;
  readonly skill: Skill;
}

const agents: Readonly<Record<string, Skill>> = {
  arkie: infrastructure,
  dash: analytics,
  data_fabcon: dataPipeline,
  echo: testing,
  learnbot: skillsMining,
  maya: documentation,
  pulser: orchestration,
};

/** @throws Error for a name that is none */
export const agentOf = (name: string): EvaluatedAgent => {
  const skill = Object.hasOwn(agents, name) ? agents[name] : undefined;
  if (skill === undefined) throw new Error(`There is no agent ${name}: there are ${Object.keys(agents).join(', ')}`);
  return { name, skill };
};
