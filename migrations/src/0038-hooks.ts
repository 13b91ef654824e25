import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';

/** What steps of workflows get that wait for a signal. */
export class Hooks1763840000038 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      'alter table workflow_step add column result jsonb',
      `comment on column workflow_step.result is 'of a step without a task: the signal that it waited for'`,
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, ['alter table workflow_step drop column result']);
  }
}
