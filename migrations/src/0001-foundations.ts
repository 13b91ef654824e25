import type { MigrationInterface, QueryRunner } from 'typeorm';

// Roles belong to the whole server: the migration of another database may have created them, even at this moment.
const role = (name: string, options: string): string => `
  do $$ begin
    create role ${name} ${options};
  exception when duplicate_object or unique_violation then null;
  end $$`;

const extension = `create extension if not exists vector`;

const ownership = `
  do $$ begin
    execute format('grant create on database %I to pulser_owner', current_database());
    grant usage, create on schema public to pulser_owner;
    grant usage on schema public to pulser_app, pulser_service;
    revoke create on schema public from public;
    create schema pulser authorization pulser_owner;
    grant usage on schema pulser to public;
  end $$`;

// The setting of the connection, or without one the claim of a Supabase JWT. After a transaction that set it, the setting
// reads '', not null.
const tenantId = `
  create function pulser.tenant_id() returns uuid language sql stable parallel safe set search_path = '' as $$
    select coalesce(
      nullif(current_setting('app.tenant_id', true), ''),
      nullif(current_setting('request.jwt.claims', true), '')::jsonb -> 'app_metadata' ->> 'tenant_id'
    )::uuid
  $$`;

// UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, then random bits. PostgreSQL 18 has it built in.
const newId = `
  do $$ begin
    if current_setting('server_version_num')::int >= 180000 then
      create function pulser.new_id() returns uuid language sql volatile parallel safe as 'select uuidv7()';
    else
      create function pulser.new_id() returns uuid language sql volatile parallel safe as $f$
        select encode(
          set_byte(
            overlay(uuid_send(gen_random_uuid())
              placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6),
            6, (get_byte(uuid_send(gen_random_uuid()), 6) & 15) | 112),
          'hex')::uuid
      $f$;
    end if;
  end $$`;

// The smallest UUIDv7 of a moment: a bound for partitions and for time filters on ids.
const idFloor = `
  create function pulser.id_floor(moment timestamptz) returns uuid language sql immutable parallel safe as $$
    select rpad(lpad(to_hex(greatest(0, extract(epoch from moment) * 1000)::bigint), 12, '0'), 32, '0')::uuid
  $$`;

export class Foundations1763840000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(role('pulser_owner', 'nologin'));
    await runner.query(role('pulser_app', 'login'));
    await runner.query(role('pulser_service', 'login'));
    await runner.query('grant pulser_app to pulser_service');
    await runner.query(extension);
    await runner.query(ownership);
    await runner.query('set local role pulser_owner');
    for (const statement of [tenantId, newId, idFloor]) await runner.query(statement);
    await runner.query('reset role');
  }

  // The roles stay: other databases of the server may use them.
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop schema pulser cascade');
    await runner.query('drop extension vector');
  }
}
