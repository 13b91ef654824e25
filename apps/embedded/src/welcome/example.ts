import { Agents } from '@pulser/context-bus';
import type { Database } from '@pulser/database';

import type { Example } from './try-it-out.policy.js';

/** A task that some agent gives as an example and that leaves a chart. */
export const exampleOf = async (database: Database): Promise<Example | undefined> => {
  const agents = await new Agents(database).list();
  const [found] = agents.flatMap(({ operations }) => operations).filter(({ task_type }) => task_type === 'analytics');
  return found === undefined ? undefined : { task_type: found.task_type, payload: found.example };
};
