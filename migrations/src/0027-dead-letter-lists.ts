import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';

/** What a list of dead letters may be narrowed by; each in the order of the list. */
const columns = ['state', 'agent_name', 'task_type', 'reason'];

const nameOf = (column: string): string => `dead_letter_list_by_${column}`;

/** Lists of dead letters read what they show, however rare it is among the others. */
export class DeadLetterLists1763840000027 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(
      runner,
      columns.map((column) => `create index ${nameOf(column)} on dead_letter (tenant_id, ${column}, dead_letter_id)`),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [`drop index ${columns.map(nameOf).join(', ')}`]);
  }
}
