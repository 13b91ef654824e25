import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';

// One row, of the whole installation.
const floor = `
  create table pulser.schema_floor (
    only_row boolean primary key default true check (only_row),
    version bigint not null
  )`;

/**
 * The oldest services that the schema is for. A migration that removes what an earlier release reads raises it:
 * `update pulser.schema_floor set version = <version of the migration that the oldest release must know>`.
 */
export class SchemaFloor1763840000044 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      floor,
      'insert into pulser.schema_floor (version) values (0)',
      'grant select on pulser.schema_floor to pulser_app, pulser_service',
      `comment on table pulser.schema_floor is 'services refuse to work that do not know the migration with this version or a later one'`,
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, ['drop table pulser.schema_floor']);
  }
}
