import { devParaphrases, distractors, paraphrases } from './index.js';

describe('the texts that retrieval is judged by', () => {
  it('are sixty pairs with two near misses each, among at least a thousand others, all different', () => {
    const others = distractors(1_200);
    const texts = [...paraphrases, ...devParaphrases].flatMap(({ memory, query, nearMisses }) => [
      memory,
      query,
      ...nearMisses,
    ]);
    expect(paraphrases).toHaveLength(60);
    expect(new Set([...texts, ...others]).size).toBe(texts.length + 1_200);
  });

  it('are the same in every run', () => {
    expect(distractors(50)).toEqual(distractors(50));
    expect(distractors(50, 2)).not.toEqual(distractors(50));
  });
});
