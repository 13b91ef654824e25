import { diffOf, keyOf, keyText, profileOf } from './results.policy.js';

const diff = {
  from: 'dataset:a@1',
  to: 'dataset:a@2',
  rows_from: 2,
  rows_to: 3,
  added: 1,
  removed: 0,
  changed: null,
  unchanged: 2,
  columns_added: [],
  columns_removed: [],
  columns_retyped: [{ name: 'n', from: 'BIGINT', to: 'DOUBLE' }],
  changes_by_column: {},
  samples: { added: [{ n: 3 }], removed: [], changed: [] },
  differences: 'differences.ndjson',
};

const profile = {
  dataset: 'dataset:a@1',
  rows: 2,
  exact: true,
  duplicate_rows: 0,
  key_candidates: ['n'],
  columns: [{ name: 'n', type: 'BIGINT', nulls: 0, distinct: 2, min: 1, max: 2, top: [{ value: 1, rows: 1 }] }],
  columns_left_out: 0,
  findings: [{ column: 'n', code: 'constant', rows: 2, message: 'One value' }],
  charts: [],
};

describe('the result of a comparison', () => {
  it('is shown when it has the shape of one', () => {
    expect(diffOf(diff)?.added).toBe(1);
  });

  it.each([
    ['no count', { ...diff, added: undefined }],
    ['a count that is none', { ...diff, changed: 'many' }],
    ['samples of another shape', { ...diff, samples: { ...diff.samples, changed: [{ key: {} }] } }],
    ['nothing', null],
  ])('is left to the JSON with %s', (_what, result) => {
    expect(diffOf(result)).toBeUndefined();
  });
});

describe('the result of a profile', () => {
  it('is shown when it has the shape of one', () => {
    expect(profileOf(profile)?.columns[0]?.distinct).toBe(2);
  });

  it('is left to the JSON otherwise', () => {
    expect(profileOf({ ...profile, columns: [{ name: 'n' }] })).toBeUndefined();
    expect(profileOf([])).toBeUndefined();
  });
});

describe('columns in an address', () => {
  it('keep their commas and percent signs', () => {
    const names = ['a,b', '100 %', '%2C', 'plain'];
    expect(keyOf(keyText(names))).toEqual(names);
    expect(keyText([])).toBeUndefined();
    expect(keyOf(undefined)).toEqual([]);
  });
});
