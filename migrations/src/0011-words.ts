import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';

// Expand: new names of columns beside the old ones, which services of 0.1 still use. 0.3 drops the old ones.
const expand = [
  'alter table task_queue add column dispatch_id bigint, add column boosted boolean not null default false',
  `comment on column task_queue.dispatch_id is 'the message that made the claim: only its redelivery may take over'`,
  `comment on column task_queue.boosted is 'waited so long that it travels with the highest priority'`,
  `comment on column task_queue.claim_nudge is 'dispatch_id until 0.2; read beside it, not written'`,
  `comment on column task_queue.raised is 'boosted until 0.2; read beside it, not written'`,
  'alter table dead_letter_alert add column notified_at timestamptz',
  `comment on column dead_letter_alert.told_at is 'notified_at until 0.2; written beside it'`,
];

export class Words1763840000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, expand);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      'alter table dead_letter_alert drop column notified_at',
      'alter table task_queue drop column dispatch_id, drop column boosted',
    ]);
  }
}
