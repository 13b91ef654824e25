// What the user prefers in this browser: theme and density. `public/theme.js` reads them before the first paint.
import { useSyncExternalStore } from 'react';

export type Theme = 'system' | 'light' | 'dark';
export type Density = 'cozy' | 'compact';

const listeners = new Set<() => void>();
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  systemIsDark.addEventListener('change', listener);
  return () => {
    listeners.delete(listener);
    systemIsDark.removeEventListener('change', listener);
  };
};

const root = document.documentElement;

const keep = (name: string, value: string | undefined): void => {
  try {
    if (value === undefined) localStorage.removeItem(`pulser.${name}`);
    else localStorage.setItem(`pulser.${name}`, value);
  } catch {
    // Storage may be forbidden: then it holds for this visit.
  }
};

const choose = (name: 'theme' | 'density', value: string | undefined): void => {
  if (value === undefined) root.removeAttribute(`data-${name}`);
  else root.setAttribute(`data-${name}`, value);
  keep(name, value);
  for (const listener of listeners) listener();
};

export const chooseTheme = (theme: Theme): void => {
  choose('theme', theme === 'system' ? undefined : theme);
};

export const chooseDensity = (density: Density): void => {
  choose('density', density === 'cozy' ? undefined : density);
};

const themeNow = (): Theme => (root.dataset['theme'] as Theme | undefined) ?? 'system';
const densityNow = (): Density => (root.dataset['density'] === 'compact' ? 'compact' : 'cozy');
const isDarkNow = (): boolean => (themeNow() === 'system' ? systemIsDark.matches : themeNow() === 'dark');

export const useTheme = (): Theme => useSyncExternalStore(subscribe, themeNow);
export const useDensity = (): Density => useSyncExternalStore(subscribe, densityNow);

/** Whether the page is dark now, for what draws by itself and cannot use tokens. */
export const useIsDark = (): boolean => useSyncExternalStore(subscribe, isDarkNow);
