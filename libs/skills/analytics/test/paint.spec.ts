import type { Picture } from '../src/chart/frame.policy.js';
import { paint } from '../src/chart/paint.worker.js';
import { fontFamily } from '../src/chart/palette.js';

const titled = (text: string): Picture => ({
  option: { animation: false, textStyle: { fontFamily }, title: { text } },
  width: 320,
  height: 240,
});

const pngOf = (text: string): string => Buffer.from(paint(titled(text)).png).toString('base64');

describe('a painted picture', () => {
  it('shows text in the font of its package, whatever fonts the machine has', () => {
    expect(pngOf('Rain')).not.toBe(pngOf(''));
    expect(pngOf('Regen für Ελλάδα')).not.toBe(pngOf('Regen für'));
  });

  it('is the same each time', () => {
    expect(pngOf('Rain')).toBe(pngOf('Rain'));
  });

  it('bears text beyond that font', () => {
    expect(Buffer.from(paint(titled('日本')).svg).toString()).toContain('日本');
  });
});
