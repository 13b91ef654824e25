import { ValidateResult } from '../src/index.js';
import { Pipeline, publicFile } from './pipeline.js';

const pipeline = new Pipeline();
const content = [
  'id,email,amount,day,country',
  '1,a@x.org,10,2026-01-01,DE',
  '2,b@x.org,-5,2026-01-02,FR',
  '2,,20.5,2026-01-03,XX',
  '4,not an address,1000,2026-01-04,',
].join('\n');

beforeAll(async () => {
  await pipeline.ingest('orders', `${content}\n5,e@x.org,1,2026-01-05,DE\n6,f@x.org,2,2026-01-06,DE\n`);
  await pipeline.ingest('orders', `${content}\n`);
  await pipeline.ingest('countries', 'code\nDE\nFR\n');
  await pipeline.ingest('weather', publicFile('seattle-weather.csv').toString());
});
afterAll(() => {
  pipeline.close();
});

const validated = async (
  rules: unknown[],
  dataset = 'dataset:orders',
): Promise<{ result: ValidateResult; xml: string }> => {
  const { result, artifacts } = await pipeline.run({ operation: 'validate', dataset, rules });
  return { result: ValidateResult.parse(result), xml: artifacts.get('validation.xml')?.content.toString() ?? '' };
};

describe('validate', () => {
  it.each([
    [{ rule: 'not_null', column: 'email' }, 4, 1, [3]],
    [{ rule: 'not_null', column: 'id' }, 4, 0, []],
    [{ rule: 'unique', columns: ['id'] }, 4, 2, [2, 3]],
    [{ rule: 'unique', columns: ['id', 'day'] }, 4, 0, []],
    [{ rule: 'unique', columns: ['email'] }, 3, 0, []],
    [{ rule: 'range', column: 'amount', min: 0, max: 100 }, 4, 2, [2, 4]],
    [{ rule: 'range', column: 'day', min: '2026-01-02' }, 4, 1, [1]],
    [{ rule: 'range', column: 'AMOUNT', min: -5 }, 4, 0, []],
    [{ rule: 'pattern', column: 'email', pattern: '[^@ ]+@[^@ ]+' }, 3, 1, [4]],
    [{ rule: 'set', column: 'country', values: ['DE', 'FR'] }, 3, 1, [3]],
    [{ rule: 'set', column: 'id', values: [1, 2] }, 4, 1, [4]],
    [{ rule: 'references', columns: ['country'], to: { dataset: 'dataset:countries', columns: ['code'] } }, 3, 1, [3]],
  ])('counts and shows the rows that break %j', async (rule, checked, failures, rows) => {
    const { result } = await validated([rule]);
    const [outcome] = result.rules;
    expect(outcome).toMatchObject({ checked, failures, status: failures === 0 ? 'passed' : 'failed' });
    expect(outcome?.samples.map(({ row }) => row)).toEqual(rows);
    expect(result.valid).toBe(failures === 0);
  });

  it('agrees with a count by hand on public data', async () => {
    const rows = publicFile('seattle-weather.csv')
      .toString()
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    const cold = rows.filter((cells) => Number(cells[3]) < 0).length;
    const { result } = await validated(
      [
        { rule: 'range', column: 'temp_min', min: 0 },
        { rule: 'unique', columns: ['date'] },
      ],
      'dataset:weather',
    );
    expect(result).toMatchObject({
      rows: rows.length,
      passed: 1,
      failed: 1,
      rules: [{ failures: cold }, { failures: 0 }],
    });
    expect(cold).toBeGreaterThan(0);
  });

  it('compares the number of rows with the version before', async () => {
    const rule = { rule: 'row_count', max_drop_percent: 20 };
    expect((await validated([rule])).result.rules[0]).toMatchObject({
      status: 'failed',
      message: '4 rows, 6 in the version before (-33.3 %)',
    });
    expect((await validated([{ ...rule, max_drop_percent: 40 }])).result.rules[0]).toMatchObject({ status: 'passed' });
    expect((await validated([rule], 'dataset:orders@1')).result.rules[0]).toMatchObject({
      status: 'skipped',
      message: '6 rows; there is no version before to compare with',
    });
    expect((await validated([{ rule: 'row_count', min: 5 }])).result.rules[0]).toMatchObject({
      status: 'failed',
      failures: 1,
    });
  });

  it('says how old the newest value is', async () => {
    const fresh = new Date(Date.now() - 3_600_000).toISOString();
    await pipeline.ingest('events', `at\n${fresh}\n2020-01-01T00:00:00Z\n`);
    const rules = [
      { rule: 'freshness', column: 'at', max_age_hours: 2 },
      { rule: 'freshness', column: 'at', max_age_hours: 0.5 },
    ];
    expect((await validated(rules, 'dataset:events')).result.rules).toMatchObject([
      { status: 'passed', message: expect.stringContaining('1 hours old') as string },
      { status: 'failed' },
    ]);
  });

  it('writes JUnit XML: errors fail, warnings do not', async () => {
    const { result, xml } = await validated([
      { rule: 'not_null', column: 'email', id: 'every order <has> an address' },
      { rule: 'unique', columns: ['id'], severity: 'warning' },
      { rule: 'not_null', column: 'id' },
    ]);
    expect(result).toMatchObject({ valid: false, passed: 1, failed: 2, skipped: 0 });
    expect(xml).toContain('<testsuite name="dataset:orders@2" tests="3" failures="1" errors="0" skipped="0"');
    expect(xml).toContain('name="every order &lt;has> an address"');
    expect(xml).toContain('1 of 4 rows break it');
    expect((await validated([{ rule: 'unique', columns: ['id'], severity: 'warning' }])).result.valid).toBe(true);
  });

  it.each([
    [{ rule: 'not_null', column: 'nope' }, 'column_unknown', 'dataset:orders@2 has no column nope: it has id, email'],
    [{ rule: 'range', column: 'email', min: 1 }, 'rule_unfit', 'A range of numbers needs a numeric column'],
    [{ rule: 'range', column: 'day', min: 1 }, 'rule_unfit', 'needs a numeric column'],
    [{ rule: 'range', column: 'day', min: "2026'; --" }, 'rule_unfit', 'is no date or time'],
    [{ rule: 'pattern', column: 'id', pattern: 'a' }, 'rule_unfit', 'A pattern needs a column of text'],
    [{ rule: 'pattern', column: 'email', pattern: '(' }, 'query_failed', 'missing )'],
    [{ rule: 'set', column: 'id', values: ['x'] }, 'rule_unfit', 'cannot be in the column id'],
    [{ rule: 'freshness', column: 'id', max_age_hours: 1 }, 'rule_unfit', 'needs a column of dates'],
    [{ rule: 'range', column: 'id' }, 'invalid_payload', ''],
    [{ rule: 'references', columns: ['id'], to: { dataset: 'dataset:no', columns: ['id'] } }, 'data_not_found', ''],
  ])('refuses %j with %s', async (rule, code, message) => {
    await expect(validated([rule])).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
    });
  });

  it('takes names and values for what they are, whatever is in them', async () => {
    const name = `a"b'); DROP TABLE x; --`;
    await pipeline.ingest('hostile', JSON.stringify([{ [name]: "it's" }, { [name]: '"; --' }]), { format: 'json' });
    const rules = [
      { rule: 'set', column: name, values: ["it's", '"; --'] },
      { rule: 'pattern', column: name, pattern: `(it's|"; --)` },
      { rule: 'unique', columns: [name] },
      { rule: 'not_null', column: name },
    ];
    expect((await validated(rules, 'dataset:hostile')).result).toMatchObject({ passed: 4 });
  });
});
