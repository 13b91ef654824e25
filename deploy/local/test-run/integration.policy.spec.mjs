import { existsSync } from 'node:fs';
import { categories, categoryLines, integrationSpecs } from './integration.policy.mjs';

const root = new URL('../../../', import.meta.url);

describe('the integration run', () => {
  it.each(integrationSpecs)('finds %s', (spec) => {
    expect(existsSync(new URL(spec, root))).toBe(true);
  });

  it('runs each spec once', () => {
    expect(new Set(integrationSpecs).size).toBe(integrationSpecs.length);
  });

  it('says of each category how many tests passed, and which specs did not run', () => {
    const tests = [{ status: 'passed' }, { status: 'passed' }, { status: 'failed' }];
    const lines = categoryLines({ testResults: [{ name: categories.submission[0], assertionResults: tests }] });
    expect(lines).toHaveLength(5);
    expect(lines[0]).toBe('submission              2 passed, 1 failed, 1 of 2 specs did not run');
    expect(lines[2]).toBe('coordination of tools   none yet: comes with the MCP coordinator');
  });
});
