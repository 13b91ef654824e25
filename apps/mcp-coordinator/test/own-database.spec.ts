// Pulser's own database, which the operator opens to the tools of all tenants by one login.
import { supabase } from '@pulser/mcp-supabase';

import { CallsUnderTest, codeOf } from './calls-under-test.js';

const tool = 'supabase__supabase_query_run';

describe("tools on Pulser's own database", () => {
  let world: CallsUnderTest;

  beforeAll(async () => {
    world = await CallsUnderTest.start({
      definitions: [supabase],
      operators: (server) => ({ MCP_ALL_SUPABASE_DB_URL: server.url('pulser_mcp') }),
    });
    for (const tenantId of [world.first, world.second])
      await world.server.query(
        `insert into agent_memory (tenant_id, memory_type, content) select $1, 'fact', name from tenant where tenant_id = $1`,
        [tenantId],
      );
  });

  afterAll(() => world.close());

  it('read what is of the tenant of their caller, whichever tenant the arguments name', async () => {
    const sql = 'select content from agent_memory where tenant_id = $1 or true';
    for (const [tenantId, other, content] of [
      [world.first, world.second, 'first'],
      [world.second, world.first, 'second'],
    ] as const) {
      for (const caller of [await world.holder(null, tenantId), await world.task('dash', tenantId)]) {
        const reply = await world.call(caller, tool, { sql, parameters: [other] });
        expect(reply).toMatchObject({ ok: true, result: { structured: { rows: [[content]] } } });
        for (const name of ['tenant', 'tenant_id', '_meta'])
          expect(codeOf(await world.call(caller, tool, { sql, parameters: [other], [name]: other }))).toBe(
            'invalid_args',
          );
        const left = `select m.content from (select set_config('app.tenant_id', '${other}', true)) s, agent_memory m`;
        expect(await world.call(caller, tool, { sql: left })).toMatchObject({
          ok: false,
          error: { message: expect.stringContaining('set_config may not be called') as string },
        });
      }
    }
  });

  it('write nothing: what the operator sets serves reading', async () => {
    const row = { table: 'agent_memory', rows: [{ memory_type: 'fact', content: 'planted' }] };
    const caller = await world.holder(['*'], world.second);
    expect(codeOf(await world.call(caller, 'supabase__supabase_row_insert', row))).toBe('not_configured');
  });
});
