import { Evaluator } from '../src/index.js';

const scope = {
  inputs: { text: `${'a'.repeat(40)}!`, list: Array.from({ length: 2_000 }, (_, n) => n) },
  steps: { ingest: { status: 'completed', task_id: '0199-x', result: { reference: 'dataset:sales@3' } } },
  run: { id: 'run-1' },
};

describe('the thread of expressions', () => {
  const evaluator = new Evaluator();
  afterAll(() => {
    evaluator.close();
  });

  const one = async (template: unknown) => (await evaluator.evaluate({ template, scope }))[0];

  it('fills in a template: paths, CEL, artifacts, defaults', async () => {
    const template = {
      operation: 'query',
      data: [{ $path: '$.steps.ingest.result.reference' }],
      chart: { $artifact: 'ingest/chart.png' },
      limit: { $cel: 'size(inputs.list) / 2' },
      missing: { $path: '$.steps.ingest.result.nothing', default: null },
    };
    expect(await one(template)).toEqual({
      ok: true,
      value: {
        operation: 'query',
        data: ['dataset:sales@3'],
        chart: 'artifact:0199-x/chart.png',
        limit: 1_000,
        missing: null,
      },
    });
  });

  it('fills it in for each item', async () => {
    const items = [
      { item: { id: 'a' }, index: 0 },
      { item: { id: 'b' }, index: 1 },
      { item: {}, index: 2 },
    ];
    const template = { id: { $path: '$.item.id' }, next: { $cel: 'index + 1' } };
    expect(await evaluator.evaluate({ template, scope, items })).toEqual([
      { ok: true, value: { id: 'a', next: 1 } },
      { ok: true, value: { id: 'b', next: 2 } },
      { ok: false, code: 'value_missing', detail: 'The path finds nothing (at /id)' },
    ]);
  });

  it('cuts off what takes too long, and goes on with the next', async () => {
    const endless =
      'inputs.list.all(a, inputs.list.all(b, inputs.list.all(c, inputs.list.all(d, a + b + c + d >= 0))))';
    const [cut, fine] = await Promise.all([one({ $cel: endless }), one({ $cel: '1 + 1' })]);
    expect(cut).toMatchObject({ ok: false, code: 'expression_limit' });
    expect(fine).toEqual({ ok: true, value: 2 });
  });

  it('survives what takes all its memory', async () => {
    const list = 'inputs.list';
    const huge = `${list}.map(a, ${list}.map(b, ${list}.map(c, ${list}.map(d, [a, b, c, d]))))`;
    expect(await one({ $cel: huge })).toMatchObject({ ok: false, code: 'expression_limit' });
    expect(await one({ $cel: '1 + 1' })).toEqual({ ok: true, value: 2 });
  });

  it('refuses results beyond 64 KB, and says what else went wrong', async () => {
    expect(await one({ $cel: 'inputs.list.map(a, inputs.text)' })).toMatchObject({
      ok: false,
      code: 'result_too_large',
    });
    expect(await one({ $cel: '1 / 0' })).toMatchObject({ ok: false, code: 'expression_failed' });
  });

  it('gives no way to the objects of the language', async () => {
    await one({ $cel: '{"__proto__": {"polluted": true}}' });
    const reach = await one({ $cel: 'inputs.constructor.constructor("return 1")()' });
    expect(reach).toMatchObject({ ok: false });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
