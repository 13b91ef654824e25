import { defineAgent } from '@pulser/agent-runtime';
import { documentation } from '@pulser/skill-documentation';
import { skillsMining } from '@pulser/skill-skills-mining';

/** The writer: references of APIs and what changes in them, changelogs, data dictionaries, summaries. */
export const maya = defineAgent({ name: 'maya', skills: [documentation, skillsMining], defaultPort: 8011 });
