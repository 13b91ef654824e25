import { hostileErrors, hostileResults } from './hostile-operations.js';
import { inlineSkill } from './inline.skill.js';
import { threadedSkill } from './threaded.skill.js';
import { Worker } from './worker.js';

const unstorable = /\\u0000|\\ud[89a-f]/;

describe.each([
  ['in the worker', inlineSkill],
  ['in a thread', threadedSkill],
] as const)('a handler %s', (_place, skill) => {
  let worker: Worker;

  beforeAll(async () => {
    worker = await Worker.start({}, skill);
  });

  afterAll(() => worker.stop());

  it.each(Object.keys(hostileErrors))(
    'that throws %s ends its attempt at once, with an error that says why',
    async (name) => {
      const task = await worker.run({ operation: 'throw', name }, 'failed', 'retrying');
      expect(task.attempts).toBe(1);
      expect(task.error?.code).toMatch(/^(query_failed|handler_failed)$/);
      expect(task.error?.message).not.toBe('');
      expect(task.error?.message).not.toContain('cannot be stored');
      const json = JSON.stringify(task.error);
      expect(json.length).toBeLessThan(20_000);
      expect(json).not.toMatch(unstorable);
    },
  );

  it.each(Object.keys(hostileResults))('that returns %s fails for good at the first try', async (name) => {
    const task = await worker.run({ operation: 'return', name }, 'failed', 'completed', 'retrying');
    expect(task).toMatchObject({ status: 'failed', attempts: 1, error: { code: 'handler_failed', permanent: true } });
    expect(task.error?.message).toMatch(/^The handler returned something that is not JSON: /);
  });

  it('keeps a member __proto__ of its result, and loses only characters that cannot be stored', async () => {
    const { taskId } = await worker.run({ operation: 'keep', name: '' }, 'completed');
    const task = await worker.reads.find(worker.tenantId, taskId);
    expect(JSON.stringify(task?.result)).toBe('{"text":"\ufffd\ufffd","__proto__":{"a":1}}');
  });

  it('says what it wants in lines that are bounded and storable', async () => {
    const { taskId } = await worker.run({ operation: 'say', name: '' }, 'completed');
    const page = await worker.events.after(worker.tenantId, taskId, 1_000_000);
    const events = page?.events.map(({ event }) => event) ?? [];
    expect(events.map(({ type }) => type)).toEqual(['log', 'log', 'log', 'progress', 'progress', 'status']);
    expect(events).toMatchObject([
      { message: 'a\ufffdb \ufffd', fields: { '\ufffd': 'NaN', big: '7' } },
      { message: expect.stringMatching(/^x+\.\.\. \([\d,]+ more characters\)$/) as string },
      { message: 'It cannot be read', fields: { a: 'It cannot be read' } },
      { percent: 50, message: expect.stringMatching(/^(😀)+\.\.\. \([\d,]+ more characters\)$/u) as string },
      { percent: 50, message: expect.stringMatching(/^x+\.\.\. \([\d,]+ more characters\)$/) as string },
      {},
    ]);
    expect(JSON.stringify(page).length).toBeLessThan(30_000);
  });
});
