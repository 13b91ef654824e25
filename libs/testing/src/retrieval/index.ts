export * from './dev-paraphrases.js';
export * from './distractors.js';
export * from './paraphrases.js';
