// Whose sessions are whose, and how a browser is called.
import type { CallerView, SessionView } from '@pulser/contracts';

/** Whether a session acts for the same key or person as the caller. */
export const isMine = (
  { key_id: key, name }: Pick<SessionView, 'key_id' | 'name'>,
  caller: Pick<CallerView, 'key_id' | 'name'>,
): boolean => (key === null ? caller.key_id === null && name === caller.name : key === caller.key_id);

/** What all but the session of this browser are. */
export const othersOf = (sessions: readonly SessionView[]): SessionView[] => sessions.filter(({ current }) => !current);

const browsers = [
  [/\bEdgA?\/(\d+)/, 'Edge'],
  [/\bOPR\/(\d+)/, 'Opera'],
  [/\bFirefox\/(\d+)/, 'Firefox'],
  [/\b(?:Headless)?Chrome\/(\d+)/, 'Chrome'],
  [/\bVersion\/(\d+)[^ ]* .*Safari/, 'Safari'],
] as const;

const systems = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux|X11/, 'Linux'],
] as const;

/** A browser as people call it: `Firefox 140 on Linux`; the start of what it said where that is not known. */
export const browserOf = (userAgent: string | null): string => {
  if (userAgent === null || userAgent === '') return 'unknown';
  const system = systems.find(([pattern]) => pattern.test(userAgent))?.[1];
  for (const [pattern, name] of browsers) {
    const version = pattern.exec(userAgent)?.[1];
    if (version !== undefined) return system === undefined ? `${name} ${version}` : `${name} ${version} on ${system}`;
  }
  return userAgent.slice(0, 40);
};
