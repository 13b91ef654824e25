import { skill, type Skill } from '@pulser/agent-runtime/skill';

import { changelog } from './changelog/changelog.operation.js';
import { apiChanges } from './changes/api-changes.operation.js';
import { dataDictionary } from './dictionary/data-dictionary.operation.js';
import { apiReference } from './reference/api-reference.operation.js';
import { summary } from './summary/summary.operation.js';
import { instructions } from './instructions.js';

/** What the agent maya does: it writes down what a description, a history or a text says. */
export const documentation: Skill = skill(
  'documentation',
  import.meta.url,
  [apiReference, apiChanges, changelog, dataDictionary, summary],
  {
    timeLimitS: 300,
    instructions,
  },
);
