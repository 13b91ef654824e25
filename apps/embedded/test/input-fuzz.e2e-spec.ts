import { AmqpDoor } from './fuzz/amqp-door.js';
import { BothDoors } from './fuzz/both-doors.js';
import { corpus } from './fuzz/corpus.js';
import { RestDoor } from './fuzz/rest-door.js';
import type { Verdict } from './fuzz/verdict.js';

// Another seed is another corpus: a failure names the seed and the document. FUZZ_DOCUMENTS=10000 is the long form.
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_123);
const count = Number(process.env['FUZZ_DOCUMENTS'] ?? 2_500);

const documents = corpus(seed, count);

const named = (n: number): string => {
  const { body, contentType } = documents[n] ?? { body: Buffer.alloc(0), contentType: '' };
  return `seed ${seed}, document ${n}, ${contentType}: ${JSON.stringify(body.subarray(0, 400).toString('latin1'))}`;
};

const where = (verdicts: readonly Verdict[], test: (verdict: Verdict, n: number) => boolean): number[] =>
  [...verdicts.keys()].filter((n) => test(verdicts[n] ?? 'nothing', n));

// What is stored for the same document must not depend on its door either.
const differingTasks = `
  select r.key from idempotency_key r
    join idempotency_key a on a.key = 'amqp-' || substr(r.key, 6)
    join task_queue tr on tr.task_id = r.task_id
    join task_queue ta on ta.task_id = a.task_id
  where r.key like 'rest-%' and r.body_hash is distinct from a.body_hash
    or (tr.payload, tr.metadata, tr.priority, tr.run_at) is distinct from (ta.payload, ta.metadata, ta.priority, ta.run_at)`;

describe('thousands of documents, most of them wrong in some way', () => {
  let doors: BothDoors;
  let rest: Verdict[];
  let amqp: Verdict[];

  beforeAll(async () => {
    doors = await BothDoors.start();
    rest = await new RestDoor(doors.url, doors.key).send(documents);
    amqp = await new AmqpDoor(doors.broker, doors.database, doors.key).send(documents);
  }, 300_000);

  afterAll(() => doors.stop());

  it('get the same verdict over REST and over AMQP', () => {
    const differ = where(rest, (verdict, n) => verdict !== amqp[n]);
    const crashed = [...where(rest, (v) => v === 'crash'), ...where(amqp, (v) => v === 'crash')];
    const lost = [...where(rest, (v) => v === 'nothing'), ...where(amqp, (v) => v === 'nothing')];
    const accepted = where(rest, (verdict) => verdict === 'accepted').length;
    process.stdout.write(
      `fuzz: ${count} bodies through REST and AMQP: ${accepted} accepted, ${count - accepted} refused, ` +
        `${differ.length} differ, ${crashed.length} crashes, ${lost.length} unaccounted\n`,
    );
    expect(differ.map((n) => `${rest[n] ?? ''} or ${amqp[n] ?? ''}? ${named(n)}`).slice(0, 20)).toEqual([]);
    expect([...crashed, ...lost].map(named).slice(0, 20)).toEqual([]);
    expect([rest.length, amqp.length]).toEqual([count, count]);
  });

  it('are accepted or refused for every reason there is', () => {
    expect(new Set(rest)).toEqual(
      new Set([
        ...['accepted', 'invalid_request', 'invalid_json', 'forbidden_key', 'payload_too_large'],
        ...['unsupported_media_type', 'task_type_not_served'],
      ]),
    );
  });

  it('are the same tasks in the database, as many as were accepted', async () => {
    expect(await doors.database.query(differingTasks)).toEqual([]);
    const [row] = await doors.database.query<{ tasks: number }>('select count(*)::int as tasks from task_queue');
    expect(row?.tasks).toBe(2 * where(rest, (verdict) => verdict === 'accepted').length);
  });

  it('leave both services well', async () => {
    for (const path of ['/health', '/health/ready']) expect((await fetch(doors.url + path)).status).toBe(200);
  });
});
