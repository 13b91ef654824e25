import { jest } from '@jest/globals';
import { sayWhile } from './progress.mjs';

describe('progress of a long step', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  const linesOfAMinute = async (isTTY) => {
    const lines = [];
    await sayWhile('Building', async () => jest.advanceTimersByTime(60_000), {
      isTTY,
      write: (line) => lines.push(line),
    });
    return lines;
  };

  it('is one line in a log file', async () => {
    expect(await linesOfAMinute(undefined)).toEqual(['Building ...\n']);
  });

  it('goes on every ten seconds on a terminal, without the text again', async () => {
    const [first, ...more] = await linesOfAMinute(true);
    expect(first).toBe('Building ...\n');
    expect(more).toHaveLength(6);
    expect(more[0]).toBe('... 10.0 s\n');
  });
});
