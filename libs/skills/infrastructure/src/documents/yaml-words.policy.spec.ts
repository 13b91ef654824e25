import { readDifferently } from './yaml-words.policy.js';

describe('a plain word of YAML 1.1', () => {
  it.each([
    ['on', 'true'],
    ['Yes', 'true'],
    ['NO', 'false'],
    ['off', 'false'],
  ])('%s is %s there', (word, meaning) => {
    expect(readDifferently(word)).toBe(meaning);
  });

  it.each(['true', 'oN', 'y', 'none', 'once', 'toString', ''])('%s is the same there', (word) => {
    expect(readDifferently(word)).toBeUndefined();
  });
});
