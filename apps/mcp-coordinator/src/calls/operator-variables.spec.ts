import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { OperatorVariables } from './operator-variables.js';

describe('what the operator sets for all tenants', () => {
  const declared = ['SUPABASE_DB_URL', 'SUPABASE_FUNCTIONS'].map((name) => ({ name, secret: true, required: false }));

  it('has a prefix of its own, and nothing without it counts', () => {
    const variables = new OperatorVariables({
      MCP_ALL_SUPABASE_DB_URL: 'of all',
      SUPABASE_FUNCTIONS: 'a',
      PATH: '/bin',
    });
    expect(variables.of(declared)).toEqual({ SUPABASE_DB_URL: 'of all' });
    expect(variables.all).toEqual(['of all']);
  });

  it('may stand in a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'operator-'));
    const file = join(folder, 'url');
    writeFileSync(file, 'postgresql://pulser_mcp:secret@postgres/pulser\n');
    const variables = new OperatorVariables({ MCP_ALL_SUPABASE_DB_URL_FILE: file });
    expect(variables.of(declared)).toEqual({ SUPABASE_DB_URL: 'postgresql://pulser_mcp:secret@postgres/pulser' });
    expect(variables.all).toEqual(['postgresql://pulser_mcp:secret@postgres/pulser']);
    rmSync(folder, { recursive: true });
  });

  it('says which file cannot be read', () => {
    expect(() => new OperatorVariables({ MCP_ALL_SUPABASE_DB_URL_FILE: '/not/there' })).toThrow(
      'MCP_ALL_SUPABASE_DB_URL_FILE names a file that cannot be read (ENOENT)',
    );
  });
});
