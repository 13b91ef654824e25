import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptSecrets } from './kept-secrets.mjs';

describe('the secrets of a checkout', () => {
  let folder;
  let file;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pulser-secrets-'));
    file = join(folder, '.env');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('are made once, and stay what they are', () => {
    let made = 0;
    const makers = { A: () => `a${(made += 1)}=`, B: () => 'b' };
    expect(keptSecrets(makers, file)).toEqual({ A: 'a1=', B: 'b' });
    expect(keptSecrets(makers, file)).toEqual({ A: 'a1=', B: 'b' });
    expect(made).toBe(1);
  });

  it('are for their owner alone, and join what a person wrote there', () => {
    expect([keptSecrets({ A: () => 'a' }, file), statSync(file).mode & 0o777]).toEqual([{ A: 'a' }, 0o600]);
    writeFileSync(file, 'PULSER_PORT=9000');
    expect(keptSecrets({ A: () => 'other', PULSER_PORT: () => 'x' }, file)).toEqual({
      A: 'other',
      PULSER_PORT: '9000',
    });
    expect(readFileSync(file, 'utf8')).toBe('PULSER_PORT=9000\nA=other\n');
  });
});
