import { frameWarning } from './large-frames.policy.js';

describe('frames of a broker', () => {
  it('of 16 KiB hold no headers that could end a connection', () => {
    expect(frameWarning({ frameMax: 16_384 })).toBeUndefined();
  });

  it.each([16_385, 131_072])('of %s bytes do, and whoever runs Pulser is told what to set', (frameMax) => {
    expect(frameWarning({ frameMax })).toMatch(/^[^\n]+ frame_max = 16384$/);
  });
});
