import { imageProblem } from './image-reference.policy.js';

describe('the name of an image', () => {
  it.each(['nginx:1.29', 'a.example:5000/b/c:1', 'ghcr.io/a/b:v1@sha256:00', `a@sha256:${'0'.repeat(64)}`])(
    '%s says which it is',
    (image) => {
      expect(imageProblem(image)).toBeUndefined();
    },
  );

  it.each(['nginx', 'nginx:latest', 'a.example:5000/b/c', 'a.example:5000/b/c:latest'])('%s does not', (image) => {
    expect(imageProblem(image)).toContain('latest');
  });
});
