import { lexicalScore, wordsOf, WordWeights } from './lexical-score.policy.js';
import { fitting, tokensOf } from './tool-budget.policy.js';

describe('the bound of tokens', () => {
  it('counts a definition rather too high', () => {
    expect(tokensOf({ a: 'x'.repeat(100) })).toBeGreaterThan(100 / 4);
  });

  it('leaves out what does not fit, and keeps smaller ones after it', () => {
    const [small, large, other] = ['a', 'b'.repeat(3_000), 'c'];
    expect(fitting([small, large, other], 100)).toEqual([small, other]);
    expect(fitting([small, other], 0)).toEqual([]);
  });
});

describe('words', () => {
  it('are stems without those that say nothing, and with what the catalogue says for them', () => {
    expect(wordsOf('Please list the running containers')).toEqual(['list', 'runn', 'container']);
    expect(wordsOf('Remove a pull request')).toEqual(['remove', 'delete', 'pull_request', 'pr']);
    expect(wordsOf('')).toEqual([]);
  });

  it('count more the fewer texts have them', () => {
    const texts = ['list pods', 'list deployments', 'list images'].map((text) => new Set(wordsOf(text)));
    const weights = new WordWeights(texts);
    const score = (question: string, at: number) => lexicalScore(wordsOf(question), texts[at] ?? new Set(), weights);
    expect(score('list pods', 0)).toBe(1);
    expect(score('list pods', 1)).toBeLessThan(0.2);
    expect(score('', 0)).toBe(0);
  });
});
