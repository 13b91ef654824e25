import { assertDrawable, nameWithUnit, scaled, scaledOrNull, unitOf } from './axes.policy.js';

describe('the unit of an axis', () => {
  it.each([
    [[20_000, null], ''],
    [[-120_000, 40_000], 'thousands'],
    [[2.5e6], 'millions'],
    [[7e9], 'billions'],
    [[3e12], 'trillions'],
    [[], ''],
  ])('of %j is in %j', (values, word) => {
    expect(unitOf(values).word).toBe(word);
  });

  it('stands in the name of the axis', () => {
    const millions = unitOf([2e6]);
    expect(nameWithUnit('people', millions)).toBe('people (millions)');
    expect(nameWithUnit('', millions)).toBe('millions');
    expect(nameWithUnit('people', unitOf([1]))).toBe('people');
  });

  it('divides without stray digits, and leaves nulls', () => {
    expect(scaled(300_000.3, unitOf([300_000]))).toBe(300.0003);
    expect(scaledOrNull(null, unitOf([1]))).toBeNull();
    expect(scaledOrNull(5, unitOf([1]))).toBe(5);
  });
});

describe('values that are all tiny', () => {
  it.each([[[1e-20, 2e-20]], [[-1e-300, null]], [[0, 9e-19]]])('have no axis: %j', (values) => {
    expect(() => {
      assertDrawable('n', values);
    }).toThrow('The values of n are all smaller than 1e-18');
  });

  it.each([[[]], [[0, null]], [[1e-18, 1e-20]], [[1e-20, 1]]])('are not these: %j', (values) => {
    expect(() => {
      assertDrawable('n', values);
    }).not.toThrow();
  });
});
