// Which key was meant: `mod+k` at once, `g t` one after the other.

/** The part of a keyboard event that names a key. */
export interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** The name of what was pressed. Shift counts only where it does not change the sign: `?` is `?`, not `shift+/`. */
export const nameOfPress = ({ key, ctrlKey, metaKey, altKey, shiftKey }: Pressed): string => {
  const name = key === ' ' ? 'space' : key.toLowerCase();
  const isSign = key.length === 1 && !/[a-z]/i.test(key) && key !== ' ';
  const parts = [
    ...(ctrlKey || metaKey ? ['mod'] : []),
    ...(altKey ? ['alt'] : []),
    ...(shiftKey && !isSign ? ['shift'] : []),
    name,
  ];
  return parts.join('+');
};

export type Match = 'none' | 'begins' | 'complete';

/** Whether these presses, one after the other, are the keys `g t`, or begin them. */
export const matchOf = (presses: readonly string[], keys: string): Match => {
  const steps = keys.toLowerCase().split(' ');
  if (presses.length > steps.length || presses.some((press, index) => press !== steps[index])) return 'none';
  return presses.length === steps.length ? 'complete' : 'begins';
};
