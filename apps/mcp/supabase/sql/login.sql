-- A login for the MCP server supabase in Pulser's own database, bound to one tenant whatever SQL it runs. As an administrator:
--   psql "$DATABASE_URL" -v login=mcp_acme -v password=... -v tenant=01985cf0-... -f apps/mcp/supabase/sql/login.sql
create role :"login" login password :'password' nosuperuser nobypassrls noinherit connection limit 20;
grant usage on schema pulser to :"login";
grant execute on function pulser.tenant_id() to :"login";
grant select on agent_memory, memory_chunk, embedding_model to :"login";
-- Restrictive: the tenant that a transaction names counts as ever, and it has to be this one.
create policy :"login" on agent_memory as restrictive for all to :"login" using (tenant_id = :'tenant'::uuid);
create policy :"login" on memory_chunk as restrictive for all to :"login" using (tenant_id = :'tenant'::uuid);
