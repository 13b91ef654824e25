import { fitOf, idOf, namePrefixOf } from './palette.policy.js';

describe('the palette', () => {
  it('finds words in any order, and the beginning of a word sooner than its middle', () => {
    expect(fitOf('dash pau', 'Pause dash')).toBeGreaterThan(0);
    expect(fitOf('xyz', 'Pause dash')).toBeUndefined();
    expect(fitOf('ash', 'ash tree')).toBeGreaterThan(fitOf('ash', 'dash') ?? 0);
    expect(fitOf('', 'anything')).toBe(0);
  });

  it.each([
    ['sal', 'sal'],
    [' Sales.2026 ', 'sales.2026'],
    ['dataset sal', 'sal'],
    ['pause dash', undefined],
    ['dataset of sales', undefined],
    ['', undefined],
    ['-x', undefined],
  ])('looks for datasets by the beginning of their name: %j', (typed, prefix) => {
    expect(namePrefixOf(typed)).toBe(prefix);
  });

  it('knows an id, with and without its hyphens', () => {
    const id = '01a20706-61b3-75f5-bc08-21fcde8b6b89';
    expect(idOf(` ${id.toUpperCase()} `)).toBe(id);
    expect(idOf(id.replaceAll('-', ''))).toBe(id);
    expect(idOf('01a20706')).toBeUndefined();
  });
});
