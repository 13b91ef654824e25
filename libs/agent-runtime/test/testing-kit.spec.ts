import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import { operation, skill, skillErrors } from '../src/skills/skill.js';
import { type EffectsOfTask, runOperation } from '../src/testing/run-operation.js';
import { dataSkill } from './data.skill.js';

const kept = operation({
  name: 'keep',
  summary: 'Uses everything that a context has',
  input: z.strictObject({ operation: z.literal('keep'), name: z.string().default('Ada') }),
  example: { operation: 'keep' },
  handle: async ({ name }, { attempt, deadline, log, progress, artifact, once }) => {
    log('info', 'begun', { at: new Date(0) });
    progress(150, 'nearly');
    const bytes = Buffer.from('hello');
    await artifact('note.txt', 'text/plain', bytes);
    bytes.fill(0);
    const paid = await once('pay', ({ idempotencyKey }) => Promise.resolve({ idempotencyKey, attempt }));
    return { name, paid, in: deadline.getTime() > Date.now(), nothing: undefined };
  },
});

const errors = skillErrors({ query_failed: { permanent: true } });

const failing = operation({
  name: 'fail',
  summary: 'Has its effect, and fails',
  input: z.strictObject({ operation: z.literal('fail'), known: z.boolean(), during: z.boolean().default(false) }),
  example: { operation: 'fail', known: true },
  handle: async ({ known, during }, { once, attempt }) => {
    const paid = await once('pay', () => (during ? Promise.reject(new Error('down')) : Promise.resolve(attempt)));
    if (attempt > 1) return paid;
    throw known ? errors.error('query_failed', 'no such table', { details: { line: 3 } }) : new RangeError('far');
  },
});

const waiting = operation({
  name: 'wait',
  summary: 'Ignores its abort',
  input: z.strictObject({ operation: z.literal('wait') }),
  example: { operation: 'wait' },
  handle: () => delay(60_000, undefined, { ref: false }),
});

const large = operation({
  name: 'large',
  summary: 'Returns and keeps more than it may',
  input: z.strictObject({ operation: z.literal('large'), keeps: z.boolean() }),
  example: { operation: 'large', keeps: true },
  handle: async ({ keeps }, { artifact }) => {
    if (keeps) await artifact('large', 'text/plain', new Uint8Array(100));
    return 'x'.repeat(100);
  },
});

const naming = operation({
  name: 'keep-as',
  summary: 'Keeps an artifact under any name',
  input: z.strictObject({ operation: z.literal('keep-as'), name: z.string() }),
  example: { operation: 'keep-as', name: 'a.txt' },
  handle: async ({ name }, { artifact }) => artifact(name, 'text/plain', new Uint8Array(1)),
});

const operations = [kept, failing, waiting, large, naming];
const served = skill('analytics', import.meta.url, operations, { timeLimitS: 0.05 });
const patient = skill('analytics', import.meta.url, operations);

describe('an operation run by the test kit', () => {
  it('gives its result as the database keeps it, and all that it did', async () => {
    const run = await runOperation(patient, { operation: 'keep' });
    const idempotencyKey = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
    expect(run.result).toStrictEqual({ name: 'Ada', paid: { idempotencyKey, attempt: 1 }, in: true });
    expect(run.logs).toEqual([{ level: 'info', message: 'begun', fields: { at: '1970-01-01T00:00:00.000Z' } }]);
    expect(run.progress).toEqual([{ percent: 100, message: 'nearly' }]);
    expect(run.artifacts.get('note.txt')).toEqual({ mediaType: 'text/plain', content: Buffer.from('hello') });
    expect(run.effects.get('pay')).toMatchObject({ finished: true, result: { attempt: 1 } });
  });

  it.each([
    ['names no operation', { operation: 'dance' }, 'unknown_operation'],
    ['does not match the schema', { operation: 'keep', more: 1 }, 'invalid_payload'],
  ])('is refused when its payload %s', async (_why, payload, code) => {
    await expect(runOperation(patient, payload)).rejects.toMatchObject({ code, permanent: true });
  });

  it('throws the TaskError of its handler, and makes one of anything else', async () => {
    await expect(runOperation(patient, { operation: 'fail', known: true })).rejects.toMatchObject({
      code: 'query_failed',
      facts: { details: { line: 3 } },
    });
    const failed = runOperation(patient, { operation: 'fail', known: false });
    await expect(failed).rejects.toMatchObject({ name: 'TaskError', code: 'handler_failed', message: 'far' });
    await expect(failed).rejects.toMatchObject({ cause: expect.any(RangeError) as Error });
  });

  it('has its effects once for all attempts that share them', async () => {
    const effects: EffectsOfTask = new Map();
    const first = runOperation(patient, { operation: 'fail', known: false, during: true }, { effects });
    await expect(first).rejects.toMatchObject({ message: 'down' });
    expect(effects.get('pay')).toEqual({ finished: false });
    await expect(runOperation(patient, { operation: 'fail', known: false }, { effects })).rejects.toThrow('far');
    const { result } = await runOperation(patient, { operation: 'fail', known: false }, { attempt: 2, effects });
    expect(result).toBe(1);
  });

  it('ends at its abort, its deadline and the time limit of its skill, even when it ignores them', async () => {
    const reason = new Error('cancelled');
    const signal = AbortSignal.abort(reason);
    await expect(runOperation(patient, { operation: 'wait' }, { signal })).rejects.toBe(reason);
    const cancelling = new AbortController();
    const cancelled = expect(runOperation(patient, { operation: 'wait' }, { signal: cancelling.signal })).rejects.toBe(
      reason,
    );
    cancelling.abort(reason);
    await cancelled;
    await expect(runOperation(patient, { operation: 'wait' }, { deadlineMs: 20 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
    await expect(runOperation(served, { operation: 'wait' })).rejects.toMatchObject({ code: 'time_limit_exceeded' });
  });

  it.each([
    ['a result', { keeps: false }, { resultMaxBytes: 50 }],
    ['an artifact', { keeps: true }, { artifactMaxBytes: 50 }],
  ])('may be given less room for %s', async (_what, payload, sizes) => {
    await expect(runOperation(patient, { operation: 'large', ...payload }, sizes)).rejects.toMatchObject({
      code: 'result_too_large',
    });
  });

  it.each(['', 'a\u0000b', '\ud800', 'x'.repeat(201)])('refuses %j as the name of an artifact', async (name) => {
    await expect(runOperation(patient, { operation: 'keep-as', name })).rejects.toMatchObject({
      code: 'handler_failed',
      permanent: true,
    });
  });

  it('opens the files that the test names, and keeps what the operation makes', async () => {
    const path = fileURLToPath(import.meta.url);
    const columns = [{ name: 'id', type: 'BIGINT' }];
    const data = { 'dataset:sales': { path, columns, rows: 3 }, 'dataset:sales@4': { path, rows: 9 } };
    const { result, datasets, opened } = await runOperation(
      dataSkill,
      { operation: 'make', dataset: 'sales', from: ['dataset:sales', 'dataset:sales@1'], text: 'x' },
      { data },
    );
    expect(opened).toEqual(['dataset:sales@4', 'dataset:sales@1']);
    expect(result).toMatchObject({
      opened: [{ dataset: { version: 4, rows: 9 } }, { dataset: { version: 1, rows: 3, columns } }],
      kept: [{ reference: 'dataset:sales@5', bytes: 14 }],
    });
    expect(datasets.get('sales')).toMatchObject({
      rows: 1,
      rejected: 2,
      preview: [[1]],
      content: Buffer.from('PAR1xmeta PAR1'),
    });
    await expect(runOperation(dataSkill, { operation: 'describe', what: 'dataset:a' })).rejects.toMatchObject({
      code: 'data_not_found',
    });
    const filed = await runOperation(dataSkill, { operation: 'file', name: 'rows.bin', bytes: 5 });
    expect(filed.artifacts.get('rows.bin')?.content).toEqual(Buffer.alloc(5, 7));
  });
});
