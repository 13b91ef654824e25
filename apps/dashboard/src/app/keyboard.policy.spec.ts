import { matchOf, nameOfPress } from './keyboard.policy.js';

const press = (
  key: string,
  held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {},
): string => nameOfPress({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

describe('a key', () => {
  it('has one name, whatever the keyboard', () => {
    expect(press('k', { ctrlKey: true })).toBe('mod+k');
    expect(press('k', { metaKey: true })).toBe('mod+k');
    expect(press('?', { shiftKey: true })).toBe('?');
    expect(press('D', { shiftKey: true })).toBe('shift+d');
    expect(press('J')).toBe('j');
    expect(press(' ')).toBe('space');
    expect(press('ArrowDown', { shiftKey: true })).toBe('shift+arrowdown');
  });

  it('may be the first of a sequence', () => {
    expect(matchOf(['g'], 'g t')).toBe('begins');
    expect(matchOf(['g', 't'], 'g t')).toBe('complete');
    expect(matchOf(['g', 'x'], 'g t')).toBe('none');
    expect(matchOf(['g', 't', 't'], 'g t')).toBe('none');
    expect(matchOf(['mod+k'], 'mod+K')).toBe('complete');
  });
});
