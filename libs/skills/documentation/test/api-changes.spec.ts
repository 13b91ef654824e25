import { changeRules } from '../src/changes/change-rules.js';
import { breaks, harmless, pairOf } from './fixtures/planted-changes.js';
import { shop } from './fixtures/shop.js';
import { largeDescription } from './large-description.js';
import { oasExamples } from './oas-examples.js';
import { apiChanges } from './run.js';

describe('the changes of an API', () => {
  it.each(breaks)('break clients when $what', async (planted) => {
    const { before, after } = pairOf(planted);
    const { result } = await apiChanges(before, after);
    expect(result.changes).toContainEqual(
      expect.objectContaining({ rule: planted.rule, level: 'breaking', before: planted.before, after: planted.after }),
    );
    expect(result).toMatchObject({ release: 'major', version: { before: '2.3.1', next: '3.0.0', enough: false } });
  });

  it.each(harmless)('break nobody when $what', async (planted) => {
    const { before, after } = pairOf(planted);
    const { result } = await apiChanges(before, after);
    expect(result.changes.filter(({ level }) => level === 'breaking')).toEqual([]);
    expect([result.release, result.not_judged]).toEqual([planted.release, []]);
  });

  it('are found without any other breaking change, but where the planted one has two sides', async () => {
    const extra = await Promise.all(
      breaks.map(async (planted) => {
        const { before, after } = pairOf(planted);
        const { result } = await apiChanges(before, after);
        const others = result.changes.filter(({ level, rule }) => level === 'breaking' && rule !== planted.rule);
        return others.map(({ rule }) => `${planted.what}: ${rule}`);
      }),
    );
    expect(extra.flat()).toEqual([]);
  });

  it('are the other way round for webhooks, which call the clients', async () => {
    const hook = (required: string[]): unknown => ({
      ...shop(),
      webhooks: {
        paid: {
          post: {
            requestBody: {
              content: {
                'application/json': { schema: { type: 'object', required, properties: { id: { type: 'string' } } } },
              },
            },
            responses: { 204: { description: 'ok' } },
          },
        },
      },
    });
    expect((await apiChanges(hook([]), hook(['id']))).result.release).toBe('minor');
    const { result } = await apiChanges(hook(['id']), hook([]));
    expect(result.changes.map(({ rule, operation }) => [rule, operation])).toEqual([
      ['response-property-became-optional', 'webhook POST paid'],
    ]);
  });

  it('are those of OpenAPI 3.1 against 3.0, which writes null and open bounds in another way', async () => {
    const older = { ...shop(), openapi: '3.0.3' };
    const fields = (
      older as unknown as { components: { schemas: { NewOrder: { properties: Record<string, unknown> } } } }
    ).components.schemas.NewOrder.properties;
    fields['coupon'] = { type: 'string', nullable: true };
    fields['weight'] = { type: 'number', minimum: 0, exclusiveMinimum: true };
    expect((await apiChanges(older, shop())).result).toMatchObject({ changes: [], release: 'patch' });
  });

  it.each([...oasExamples('3.0', 'json'), ...oasExamples('3.1', 'json')])(
    'are none between $name and itself',
    async ({ text }) => {
      const { result } = await apiChanges(text, text);
      expect(result).toMatchObject({ release: 'none', changes: [] });
      expect(result.not_judged.filter(({ reason }) => !reason.includes('another document'))).toEqual([]);
    },
  );

  it('say what no rule judges, instead of calling it compatible', async () => {
    const [before, after] = [shop(), shop()];
    const schemas = (after['components'] as { schemas: Record<string, Record<string, unknown>> }).schemas;
    schemas['NewOrder'] = { ...schemas['NewOrder'], not: { required: ['coupon'] } };
    const { result } = await apiChanges(before, after);
    expect(result.not_judged).toEqual([
      {
        before: '/components/schemas/NewOrder',
        after: '/components/schemas/NewOrder',
        reason: 'No rule judges the keyword not',
      },
    ]);
  });

  it('are found at all ends of schemas that hold one another in all combinations', async () => {
    const description = (last: unknown): unknown => ({
      openapi: '3.1.0',
      info: { title: 'Deep', version: '1.0.0' },
      paths: {
        '/a': {
          post: { requestBody: { content: { 'a/b': { schema: { $ref: '#/components/schemas/L0' } } } }, responses: {} },
        },
      },
      components: {
        schemas: {
          ...Object.fromEntries(
            Array.from({ length: 60 }, (_, level) => {
              const next = { $ref: `#/components/schemas/L${level + 1}` };
              return [
                `L${level}`,
                {
                  properties: { a: next, b: next, c: { oneOf: [next, { $ref: '#/components/schemas/L0' }] } },
                  allOf: level > 50 ? [next, next] : [],
                },
              ];
            }),
          ),
          L60: last,
        },
      },
    });
    const { result } = await apiChanges(
      description({ type: 'object', minProperties: 1 }),
      description({ type: 'object', minProperties: 2 }),
    );
    expect(result.by_rule['request-bound-tightened']).toBeGreaterThan(0);
    expect(result.release).toBe('major');
  });

  it('are a page to read and a list for programs', async () => {
    const { before, after } = pairOf({ what: '', steps: [['/paths/~1orders~1{id}/delete', undefined]] });
    const { page, list } = await apiChanges(before, after);
    expect(page).toContain('# Changes of Shop');
    expect(page).toContain('### DELETE /orders/{id}');
    expect(page).toContain('**operation-removed**');
    expect(list).toHaveLength(1);
  });

  it('are compared within bounds for 13 MB', async () => {
    const before = largeDescription(720);
    const after = before
      .replaceAll('"type":"integer","default":1', '"type":"integer","default":2')
      .replaceAll('"setting_3":', '"setting_x":');
    const { result } = await apiChanges(before, after);
    // Of each of the 576 schemas one member of the answers is another one.
    expect(result.by_rule).toEqual({
      'request-default-changed': 1,
      'response-property-removed': 576,
      'response-property-added': 576,
    });
  }, 240_000);

  it.each([
    [undefined, '1.0.0', null],
    ['0.4.2', '0.5.0', '0.5.0'],
    ['v1.2.3', '2.0.0', '2.0.0'],
    ['2024-01-01', '1.0.0', null],
  ])('lead from version %s to the next', async (version, later, next) => {
    const { before, after } = pairOf({
      what: '',
      steps: [
        ['/paths/~1orders~1{id}', undefined],
        ['/info/version', later],
      ],
    });
    (before['info'] as Record<string, unknown>)['version'] = version;
    const { result } = await apiChanges(before, after);
    expect(result.version).toMatchObject({ next, enough: next === null ? null : true });
  });

  it('are planted for each rule that is breaking', () => {
    const planted = new Set(breaks.map(({ rule }) => rule));
    const breaking = Object.entries(changeRules).filter(([, { level }]) => level === 'breaking');
    expect(breaking.map(([rule]) => rule).filter((rule) => !planted.has(rule))).toEqual([
      'response-pattern-changed',
      'response-items-may-repeat',
    ]);
  });
});
