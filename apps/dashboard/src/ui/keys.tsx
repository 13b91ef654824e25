const isMac = /Mac|iP(?:hone|ad)/.test(navigator.userAgent);

const shown: Readonly<Record<string, string>> = {
  mod: isMac ? '⌘' : 'Ctrl',
  shift: isMac ? '⇧' : 'Shift',
  enter: '↵',
  escape: 'Esc',
  arrowup: '↑',
  arrowdown: '↓',
  space: 'Space',
};

const capOf = (key: string): string => shown[key.toLowerCase()] ?? (key.length === 1 ? key.toUpperCase() : key);

/** Keys as caps: `mod+k` at once, `g t` one after the other. */
export const Keys = ({ keys }: { readonly keys: string }) => (
  <span className="keys">
    {keys.split(' ').map((step, index) => (
      <span key={`${step}${index}`} className="keys-step">
        {step.split('+').map((key) => (
          <kbd key={key}>{capOf(key)}</kbd>
        ))}
      </span>
    ))}
  </span>
);
