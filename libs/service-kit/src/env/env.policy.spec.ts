import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { z } from 'zod';

import { BaseEnv, PublicEnv } from './base-env.js';
import { ConfigError, Env } from './env.js';

class RouterEnv extends Env({
  ...BaseEnv,
  ...PublicEnv,
  DATABASE_URL: z.url().describe('Where the tasks are kept'),
  WINDOW: z.coerce.number().int().min(1).default(100).describe('Messages an agent queue holds'),
}) {
  get isLarge(): boolean {
    return this.WINDOW > 1_000;
  }
}

const DATABASE_URL = 'postgres://localhost/pulser';

const complaint = (source: Record<string, string | undefined>): string => {
  try {
    RouterEnv.read({ DATABASE_URL, ...source });
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('no complaint');
};

describe('an Env class', () => {
  it('holds the parsed values and the defaults', () => {
    const env = RouterEnv.read({ DATABASE_URL, WINDOW: '2000', LOG_PRETTY: 'true', PORT: '0' });

    expect(env).toBeInstanceOf(RouterEnv);
    expect(env).toMatchObject({ WINDOW: 2_000, LOG_PRETTY: true, PORT: 0, LOG_LEVEL: 'info', HOST: '0.0.0.0' });
    expect(env.isLarge).toBe(true);
  });

  it('is frozen', () => {
    expect(Object.isFrozen(RouterEnv.read({ DATABASE_URL }))).toBe(true);
  });

  it('takes an empty variable as unset', () => {
    expect(RouterEnv.read({ DATABASE_URL, WINDOW: '', PORT: '' })).toMatchObject({ WINDOW: 100 });
    expect(RouterEnv.read({ DATABASE_URL, PORT: '' }).PORT).toBeUndefined();
  });

  it('splits lists', () => {
    const { CORS_ORIGINS, TRUST_PROXY } = RouterEnv.read({
      DATABASE_URL,
      CORS_ORIGINS: 'https://a.dev, https://b.dev,',
    });

    expect(CORS_ORIGINS).toEqual(['https://a.dev', 'https://b.dev']);
    expect(TRUST_PROXY).toEqual([]);
  });

  it.each([
    [{ WINDOW: 'many' }, 'WINDOW is "many": it must be an integer of at least 1 (Messages an agent queue holds)'],
    [{ PORT: '70000' }, 'PORT is "70000": it must be an integer from 0 to 65535 (HTTP port; 0 picks a free one)'],
    [
      { LOG_LEVEL: 'loud' },
      'LOG_LEVEL is "loud": it must be trace, debug, info, warn, error, fatal, silent (Least severity that is logged)',
    ],
    [{ LOG_PRETTY: 'maybe' }, 'LOG_PRETTY is "maybe": it must be true, false (Log for human eyes instead of JSON)'],
    [{ DATABASE_URL: undefined }, 'DATABASE_URL is not set: it must be a URL (Where the tasks are kept)'],
  ])('says in one line which variable is wrong and what it may be: %j', (source, message) => {
    expect(complaint(source)).toBe(message);
  });

  it('names all wrong variables at once', () => {
    expect(complaint({ WINDOW: '0', LOG_LEVEL: 'x' })).toMatch(/^LOG_LEVEL is "x".*; WINDOW is "0"/);
  });

  it('does not repeat a wrong value that may hold a password', () => {
    const message = complaint({ DATABASE_URL: 'secret password' });

    expect(message).toContain('DATABASE_URL has a wrong value');
    expect(message).not.toContain('secret');
  });

  it('stays one line whatever the value is', () => {
    expect(complaint({ LOG_LEVEL: 'a\nb\u001b[2J' })).not.toMatch(/[\p{Cc}]/u);
  });
});

describe('a variable in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'variables-'));
  const file = join(folder, 'database-url');
  const secret = 'postgres://pulser_app:9f8sT2q@db/pulser';

  beforeAll(() => {
    writeFileSync(file, `${secret}\n`);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('is named by NAME_FILE and read without the line break at its end', () => {
    expect(RouterEnv.read({ DATABASE_URL_FILE: file }).DATABASE_URL).toBe(secret);
    expect(RouterEnv.read({ DATABASE_URL, DATABASE_URL_FILE: '' }).DATABASE_URL).toBe(DATABASE_URL);
  });

  it('stops the start when the file is not there, or the variable is given both ways', () => {
    expect(complaint({ DATABASE_URL: '', DATABASE_URL_FILE: '/not/there' })).toBe(
      'DATABASE_URL_FILE names a file that cannot be read (ENOENT): "/not/there"',
    );
    expect(complaint({ DATABASE_URL_FILE: file })).toBe(
      'DATABASE_URL and DATABASE_URL_FILE are both set: remove one of them',
    );
  });
});
