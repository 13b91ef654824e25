import { reading, rowsOf, typesOf, warningsOf } from './reading.js';

/** A column of these texts beside one of words. */
const column = (...texts: string[]): ReturnType<typeof reading> =>
  reading(`c;w\n${texts.map((text) => `${text};x\n`).join('')}`);

describe('a column of a CSV file', () => {
  it.each([
    ['BIGINT', ['1', '-2', '0', '9223372036854775807', '9007199254740993']],
    ['HUGEINT', ['10000000000000000001', '10000000000000000002', '10000000000000000003']],
    ['DOUBLE', ['0.1', '1.0', '2.25', '-0.0', '1.5e-7', '.5']],
    ['DOUBLE', ['1.50', '1.10', '12.00']],
    ['DECIMAL(20,19)', ['0.1234567890123456789', '1.5']],
    ['DECIMAL(17,1)', ['9007199254740993', '0.5']],
    ['BOOLEAN', ['true', 'false', 'TRUE']],
    ['DATE', ['2024-02-29', '0001-01-01', '9999-12-31']],
    ['DATE', ['2024/2/29', '2024/12/1']],
    ['DATE', ['31.12.1999', '1.2.2000']],
    ['DATE', ['02/1/1980', '13/1/1980']],
    ['DATE', ['02/1/1980', '1/13/1980']],
    ['DATE', ['01/01/1980', '02/02/1980']],
    ['TIMESTAMP', ['2024-01-02T03:04:05.123456', '2024-01-02 03:04']],
    ['TIMESTAMP', ['13/1/2024 3:04 PM', '14/1/2024 11:59 AM']],
    ['TIMESTAMP_NS', ['2024-01-02T03:04:05.123456789']],
    ['TIMESTAMP WITH TIME ZONE', ['2024-01-02T03:04:05+02:00', '2024-01-02 03:04:05Z']],
    ['TIME', ['12:30', '23:59:59.5']],
  ])('is %s when every value survives: %j', (type, texts) => {
    const table = column(...texts);
    expect(typesOf(table)[0]).toBe(type);
    expect(table.report.columns[0]).toMatchObject({ decided_by: 'values' });
    expect(warningsOf(table)).toEqual([]);
  });

  it.each([
    ['leading zeros', ['01234', '12345'], 'kept_as_text'],
    ['codes', ['1E5', '2E5'], 'kept_as_text'],
    ['codes beside numbers', ['1E5', '25'], 'kept_as_text'],
    ['phone numbers', ['+491234', '+491235'], 'kept_as_text'],
    ['ids of 40 digits', ['1000000000000000000100000000000000000001'], 'kept_as_text'],
    ['versions', ['1.9', '1.10', '1.11'], 'kept_as_text'],
    ['numbers that meet', ['1.1', '1.10', '1.125'], 'kept_as_text'],
    ['fractions beyond any type', ['0.1234567890123456789012345678901234567890123'], 'kept_as_text'],
    ['thousands or decimals', ['1.234', '2.500'], 'kept_as_text'],
    ['months in an unknown order', ['02/1/1980', '03/1/1980'], 'ambiguous_dates'],
    ['days in two orders', ['13/1/1980', '1/13/1980'], 'ambiguous_dates'],
    ['two ways to write dates', ['2024-01-02', '13/1/1980'], 'mixed_types'],
    ['dates with and without a time', ['2024-01-02', '2024-01-02 10:00'], 'mixed_types'],
    ['times with and without a zone', ['2024-01-02 10:00Z', '2024-01-02 10:00'], 'mixed_types'],
    ['numbers and a word', ['1', '2', '3', 'many'], 'mixed_types'],
    ['days that no calendar has', ['2024-01-02', '2023-02-29'], 'mixed_types'],
  ])('stays text with a warning: %s', (_case, texts, code) => {
    const table = column(...texts);
    expect(rowsOf(table)).toEqual(texts.map((text) => [text, 'x']));
    expect(table.report.columns[0]).toMatchObject({ type: 'VARCHAR', decided_by: 'kept_as_text' });
    expect(table.report.warnings).toEqual([{ code, column: 'c', message: expect.any(String) as string }]);
  });

  it.each([
    ['part numbers', ['10-11-12', '10-11-13']],
    ['years of two digits', ['10/11/12', '13/11/12']],
    ['fractions of fractions', ['1/2', '3/4']],
    ['addresses', ['10.0.0.1', '10.0.0.2']],
    ['NaN', ['NaN', 'Infinity']],
    ['yes and no', ['yes', 'no', 't', 'f']],
    ['durations', ['25:00', '1:30', '99:59']],
    ['money', ['€ 5', '$6']],
    ['per cents', ['5 %', '6%']],
  ])('is plainly text: %s', (_case, texts) => {
    expect(rowsOf(column(...texts))).toEqual(texts.map((text) => [text, 'x']));
  });

  it('says when the order of day and month is a usual one only', () => {
    const table = column('01.02.2024', '01.03.2024');
    expect(rowsOf(table)[0]?.[0]).toBe(Date.UTC(2024, 1, 1) / 86_400_000);
    expect(table.report.guesses).toEqual([expect.stringContaining('the day stands before the month')]);
  });

  it('holds the very day, second and digit that is written', () => {
    expect(rowsOf(column('13/1/1980', '02/1/1980'))[1]?.[0]).toBe(Date.UTC(1980, 0, 2) / 86_400_000);
    expect(rowsOf(column('2024-02-29T23:59:59+05:30'))[0]?.[0]).toBe(Date.UTC(2024, 1, 29, 18, 29, 59) * 1_000);
    expect(rowsOf(column('12/31/2024 12:00 AM'))[0]?.[0]).toBe(Date.UTC(2024, 11, 31) * 1_000);
    expect(column('0001-01-01').columns[0]?.values).toEqual([-719_162]);
    expect(column('20000000000000000001').columns[0]?.values).toEqual([20_000_000_000_000_000_001n]);
  });
});
