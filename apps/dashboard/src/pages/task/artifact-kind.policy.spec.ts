import { kindOf } from './artifact-kind.policy.js';

describe('how an artifact is shown', () => {
  it.each([
    ['image/png', 'png'],
    ['text/markdown; charset=utf-8', 'markdown'],
    ['TEXT/CSV', 'text'],
    ['application/vnd.vega.v5+json', 'json'],
    ['text/html', 'text'],
    ['application/octet-stream', 'none'],
    ['application/javascript', 'none'],
    ['__proto__', 'none'],
    ['', 'none'],
  ])('%s as %s', (mediaType, kind) => {
    expect(kindOf(mediaType)).toBe(kind);
  });
});
