import { parse } from 'libpg-query';

import { namesIn } from './query-names.policy.js';

const namesOf = async (sql: string) => namesIn(await parse(sql));

describe('the names of a query', () => {
  it.each([
    ['select 1 from a, b.c join d on true', ['a', 'b.c', 'd']],
    ['table pg_authid', ['pg_authid']],
    [
      'with x as (select from deep) select (select 1 from deeper) from x union select 1 from other',
      'deep deeper other x',
    ],
    ['select 1 from lateral (select from inner_one) s where exists (select from inner_two)', 'inner_one inner_two'],
  ])('%s: tables', async (sql, expected) => {
    const { tables } = await namesOf(sql);
    const names = tables.map(({ schema, name }) => (schema === undefined ? name : `${schema}.${name}`));
    expect(names.toSorted()).toEqual([expected].flat().join(' ').split(' '));
  });

  it.each([
    ['select a(b(1)), pg_catalog.c()', 'a b c'],
    ['select 1 from f(1) with ordinality, rows from (g(), h())', 'f g h'],
    ['select sum(x) filter (where k(x)) over (partition by l(x) order by m(x)) from t', 'k l m sum'],
    ['select 1 from t order by n(x) limit o()', 'n o'],
    ['select t.field, (row).other, (p(1)).last from t', 'field last other p'],
    ['select x from t', ''],
    [`select case when q(1) then r(2) end, array[s(3)], x -> u('y') from t`, 'q r s u'],
  ])('%s: functions', async (sql, expected) => {
    const { functions } = await namesOf(sql);
    expect(functions.toSorted().join(' ')).toBe(expected);
  });
});
