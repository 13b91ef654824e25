import { defineAgent } from '@pulser/agent-runtime';
import { documentation } from '@pulser/skill-documentation';
import { skillsMining } from '@pulser/skill-skills-mining';

/** The learner: what the tasks that were done teach, and what is known already. */
export const learnbot = defineAgent({ name: 'learnbot', skills: [skillsMining, documentation], defaultPort: 8015 });
