import { callCommand, isSame } from './call-code.policy.js';

describe('a call of a tool', () => {
  it('is a command that a shell takes as it is', () => {
    expect(callCommand('http://pulser', 'github__repo_get', { repository: "o'neill/x" })).toBe(
      [
        `curl -sS 'http://pulser/api/v1/mcp/tools/github__repo_get/call'`,
        `-H "Authorization: Bearer $PULSER_KEY"`,
        `-H 'Content-Type: application/json'`,
        String.raw`-d '{"arguments":{"repository":"o'\''neill/x"}}'`,
      ].join(' \\\n  '),
    );
  });

  it('is the same as another with its members in another order', () => {
    expect(isSame({ a: 1, b: [{ c: 1, d: 2 }] }, { b: [{ d: 2, c: 1 }], a: 1 })).toBe(true);
    expect(isSame({ a: [1, 2] }, { a: [2, 1] })).toBe(false);
    expect(isSame({ a: 1 }, { a: 1, b: null })).toBe(false);
  });
});
