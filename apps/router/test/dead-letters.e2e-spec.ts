import { randomBytes, randomUUID } from 'node:crypto';

import { header } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { RouterUnderTest } from './router-under-test.js';

interface DeadLetterRow {
  readonly [column: string]: unknown;
  readonly tenant_id: string | null;
  readonly headers: object;
  readonly body: Buffer;
}

describe('a message that becomes no task', () => {
  let under: RouterUnderTest;

  beforeAll(async () => {
    under = await RouterUnderTest.start(2);
  });

  beforeEach(() => under.server.query('delete from dead_letter'));

  afterAll(() => under.stop());

  const deadLetters = () => under.server.query<DeadLetterRow>('select * from dead_letter');

  const oneDeadLetter = () =>
    eventually(async () => {
      const [deadLetter] = await deadLetters();
      if (deadLetter === undefined) throw new Error('No dead letter came');
      return deadLetter;
    });

  const reject = (content: Buffer, headers: object = {}, messageId?: string): Promise<void> =>
    under.broker.use(async (channel) => {
      const properties = { headers, persistent: true, ...(messageId !== undefined && { messageId }) };
      channel.publish(under.broker.named('pulser.dead'), 'router.tasks', content, properties);
      await channel.waitForConfirms();
    });

  /** Everything that was rejected before is dealt with when this comes out at the other end. */
  const afterAllOthers = async (): Promise<void> => {
    const mark = Buffer.from(randomUUID());
    await reject(mark);
    await eventually(async () => {
      expect((await deadLetters()).some(({ body }) => body.equals(mark))).toBe(true);
    });
    await under.server.query('delete from dead_letter where body = $1', [mark]);
  };

  it('is kept for the tenant of its key, with all that is known of it but the key', async () => {
    const headers = { ...under.headers, traceparent: '00-ab', 'x-secret': 'hush' };
    await under.order({ body: { task_type: 'analytics', payload: 7 }, headers, messageId: 'm-1' });
    expect(await oneDeadLetter()).toMatchObject({
      tenant_id: under.tenantId,
      task_id: null,
      task_type: 'analytics',
      agent_name: null,
      reason: 'invalid_message',
      state: 'open',
      source_queue: 'router.tasks',
      routing_key: 'task.submit',
      message_id: 'm-1',
      error: { code: 'invalid_message', message: expect.stringContaining('/payload') as string },
    });
    const [deadLetter] = await deadLetters();
    expect(deadLetter?.headers).toEqual({ traceparent: '00-ab' });
    expect(await under.depth('dead-letters')).toBe(0);
  });

  it('is nobody’s when its key is not valid', async () => {
    await under.order({ headers: { [header.apiKey]: 'pulser_wrong' } });
    expect(await oneDeadLetter()).toMatchObject({ tenant_id: null, reason: 'unauthenticated' });
  });

  it.each([
    ['large', randomBytes(3_000_000)],
    ['empty', Buffer.alloc(0)],
    ['full of zeros', Buffer.alloc(1_000)],
  ])('survives byte for byte when it is %s', async (_case, body) => {
    await reject(body, { 'a\u0000b': 'c\u0000', list: [1, { deep: true }] });
    const deadLetter = await oneDeadLetter();
    expect(deadLetter.body.equals(body)).toBe(true);
    expect(deadLetter).toMatchObject({
      reason: 'unexplained',
      headers: { 'a\uFFFDb': 'c\uFFFD', list: [1, { deep: true }] },
    });
  });

  it('is kept once however often the same rejection is delivered', async () => {
    const headers = { [header.deadReason]: 'unparsable', [header.deadId]: randomUUID() };
    for (let n = 0; n < 5; n += 1) await reject(Buffer.from('{'), headers);
    await reject(Buffer.from('{'), { ...headers, [header.deadId]: randomUUID() });
    await afterAllOthers();
    expect(await deadLetters()).toHaveLength(2);
  });

  it('with an id of its own is open once, and open again when it comes after it was settled', async () => {
    const again = () => reject(Buffer.from('{'), { [header.deadId]: randomUUID() }, 'm-2');
    await Promise.all([again(), again(), again()]);
    await afterAllOthers();
    expect(await deadLetters()).toHaveLength(1);
    await under.server.query(`update dead_letter set state = 'discarded', settled_at = now(), discard_reason = 'x'`);
    await again();
    await afterAllOthers();
    expect((await deadLetters()).map(({ state }) => state).sort()).toEqual(['discarded', 'open']);
  });

  it('waits while the database is away', async () => {
    const [{ name } = { name: '' }] = await under.server.query<{ name: string }>('select current_database() as name');
    await under.server.query(`alter database ${name} connection limit 0`);
    await under.server.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and usename = 'pulser_service'`,
      [name],
    );
    await reject(Buffer.from('patience'));
    await eventually(async () => {
      expect(await under.depth('dead-letters')).toBe(0);
    });
    expect(await deadLetters()).toEqual([]);
    await under.server.query(`alter database ${name} connection limit -1`);
    expect((await oneDeadLetter()).body.toString()).toBe('patience');
  });

  it('that cannot be kept is tried again in place, never rejected again', async () => {
    // A sequence counts what is rolled back too.
    await under.server.query(`
      create sequence tries;
      grant usage on sequence tries to pulser_service;
      create function refuse() returns trigger language plpgsql as $$
        begin perform nextval('tries'); raise exception 'refused'; end $$;
      create trigger refuse before insert on dead_letter for each row when (new.reason = 'invalid_message')
        execute function refuse()`);
    await reject(Buffer.from('x'), { [header.deadReason]: 'invalid_message' });
    // More often than any other message would be.
    await eventually(async () => {
      const [row] = await under.server.query<{ last_value: string }>('select last_value from tries');
      expect(Number(row?.last_value)).toBeGreaterThan(7);
    });
    await afterAllOthers();
    await under.server.query('drop trigger refuse on dead_letter');
    expect(await oneDeadLetter()).toMatchObject({ reason: 'invalid_message', source_queue: 'router.tasks' });
    await afterAllOthers();
    expect(await deadLetters()).toHaveLength(1);
  });
});
