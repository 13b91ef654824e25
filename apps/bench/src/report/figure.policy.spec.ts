import { figure, megabytes, spreadText, wholeNumber } from './figure.policy.js';

describe('figures', () => {
  it('have the digits that mean something', () => {
    expect([0.1234, 12.345, 123.4, 12_345.6].map(figure)).toEqual(['0.12', '12.3', '123', '12,346']);
  });

  it('count things in whole numbers', () => {
    expect([0, 1_000_000].map(wholeNumber)).toEqual(['0', '1,000,000']);
  });

  it('come with their spread, unless there is one only', () => {
    expect(spreadText({ median: 2, least: 1, most: 3, count: 3 })).toBe('2.00 (1.00 .. 3.00)');
    expect(spreadText({ median: 2, least: 2, most: 2, count: 1 })).toBe('2.00');
    expect(spreadText(undefined)).toBe('none');
  });

  it('say bytes in megabytes', () => {
    expect(megabytes(3 * 1_048_576)).toBe('3.00');
  });
});
