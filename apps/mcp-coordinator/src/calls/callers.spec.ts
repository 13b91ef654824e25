import { senderOf } from './callers.js';

describe('whoever has sent a message', () => {
  it.each([
    ['worker-dash', 'mcp-coordinator', { kind: 'worker', agent: 'dash' }],
    ['staging.worker-greeter', 'staging.mcp-coordinator', { kind: 'worker', agent: 'greeter' }],
    ['gateway', 'mcp-coordinator', { kind: 'gateway' }],
    // Every service is the same user.
    ['pulser', 'pulser', { kind: 'anyone' }],
    ['staging.gateway~2', 'staging.mcp-coordinator~1', { kind: 'gateway' }],
    ['worker-greeter~b', 'mcp-coordinator', { kind: 'worker', agent: 'greeter' }],
    ['other.gateway', 'staging.mcp-coordinator', { kind: 'other' }],
    ['gateway', 'staging.mcp-coordinator', { kind: 'other' }],
    ['router', 'mcp-coordinator', { kind: 'other' }],
    ['guest', 'mcp-coordinator', { kind: 'other' }],
    ['mcp-coordinator', 'mcp-coordinator', { kind: 'other' }],
    [undefined, 'mcp-coordinator', { kind: 'other' }],
    [undefined, 'pulser', { kind: 'other' }],
  ])('as %s, seen by %s', (user, own, sender) => {
    expect(senderOf(user, own)).toEqual(sender);
  });
});
