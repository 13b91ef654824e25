import { Database, migrateUp } from '@pulser/database';
import { testDatabase, type TestDatabase } from '@pulser/testing';

import { type SeenTool, ToolPins } from '../src/index.js';

const seen = (tool: string, content: string, warnings: string[] = []): SeenTool => ({
  tool,
  digest: Buffer.from(content.padEnd(32, '.')).toString('hex'),
  definition: { name: tool, description: content },
  warnings,
});

describe('the pins of tools', () => {
  let server: TestDatabase;
  let database: Database;
  let pins: ToolPins;

  beforeAll(async () => {
    server = await testDatabase(migrateUp);
    database = new Database({
      settings: { DATABASE_URL: server.url('pulser_service'), DATABASE_POOL_MAX: 4, DATABASE_PREPARE: true },
      applicationName: 'pins-test',
      synchronousCommit: 'on',
      entities: [],
      onIdleError: () => undefined,
    });
    await database.connect();
    pins = new ToolPins(database);
  });

  afterAll(async () => {
    await database.close();
    await server.drop();
  });

  beforeEach(() => server.query('truncate mcp_pin'));

  const statusOf = async (tools: readonly SeenTool[], trusted = false) =>
    Object.fromEntries((await pins.see('one', tools, trusted)).map(({ tool, status }) => [tool, status]));

  it('approve the first definition of a tool, and quarantine any other', async () => {
    expect(await statusOf([seen('a', 'first'), seen('b', 'first')])).toEqual({ a: 'approved', b: 'approved' });
    expect(await statusOf([seen('a', 'second'), seen('b', 'first')])).toEqual({ a: 'quarantined', b: 'approved' });
    // As long as it is not decided the first one stays good.
    expect(await statusOf([seen('a', 'first')])).toEqual({ a: 'approved' });
  });

  it('do not approve a first definition that is suspicious', async () => {
    expect(await statusOf([seen('a', 'first', ['invisible_characters'])])).toEqual({ a: 'quarantined' });
    expect(await statusOf([seen('a', 'second')])).toEqual({ a: 'quarantined' });
  });

  it('are decided by a person, once', async () => {
    await statusOf([seen('a', 'first')]);
    await statusOf([seen('a', 'second')]);
    const [pin] = await pins.list(['quarantined']);
    expect(pin).toMatchObject({ server: 'one', tool: 'a', approvedDefinition: { description: 'first' } });
    expect(await pins.approve('one', 'a', pin?.digest ?? '', 'an operator')).toBe(true);
    expect(await pins.approve('one', 'a', pin?.digest ?? '', 'another one')).toBe(false);
    expect(await pins.approve('one', 'a', 'f'.repeat(64), 'an operator')).toBe(false);
    expect(await statusOf([seen('a', 'second')])).toEqual({ a: 'approved' });
    // The first one was withdrawn, and has to be looked at again.
    expect(await statusOf([seen('a', 'first')])).toEqual({ a: 'quarantined' });
    expect(await pins.list(['approved'])).toMatchObject([{ tool: 'a', decidedBy: 'an operator' }]);
  });

  it('of our own servers follow what is installed', async () => {
    expect(await statusOf([seen('a', 'first')], true)).toEqual({ a: 'approved' });
    expect(await statusOf([seen('a', 'second', ['very_long'])], true)).toEqual({ a: 'approved' });
    expect(await statusOf([seen('a', 'first')], false)).toEqual({ a: 'quarantined' });
    expect(await statusOf([seen('a', 'first')], true)).toEqual({ a: 'approved' });
    expect(await pins.list(['approved'])).toHaveLength(1);
  });

  it('are the same for several coordinators that see a tool at once', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => statusOf([seen('a', 'first'), seen('b', 'first')])));
    expect(all).toEqual(all.map(() => ({ a: 'approved', b: 'approved' })));
    expect(await pins.see('one', [], false)).toEqual([]);
  });
});
