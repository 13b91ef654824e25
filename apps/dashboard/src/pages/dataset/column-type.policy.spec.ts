import { isNumeric, meaningOf } from './column-type.policy.js';

describe('the type of a column', () => {
  it.each([
    ['BIGINT', true, 'whole number'],
    ['UTINYINT', true, 'whole number'],
    ['DECIMAL(18,3)', true, 'exact decimal number'],
    ['DOUBLE', true, 'number'],
    ['VARCHAR', false, 'text'],
    ['BIGINT[]', false, 'list'],
    ['INTERVAL', false, 'length of time'],
    ['TIMESTAMP WITH TIME ZONE', false, 'moment'],
    ['STRUCT(a BIGINT)', false, 'group of fields'],
    ['GEOMETRY', false, ''],
  ])('%s', (type, number, meaning) => {
    expect(isNumeric(type)).toBe(number);
    expect(meaningOf(type)).toBe(meaning);
  });
});
