import type { McpHeartbeat } from '@pulser/contracts';

import { McpCoordinators } from './mcp-coordinators.js';

type Server = McpHeartbeat['servers'][number];

const server = (state: Server['state'], more: Partial<Server> = {}): Server => ({
  ...{ name: 'github', state, last_error: null, quarantined: [] },
  ...more,
});

const beat = (instance: string, ...servers: Server[]): McpHeartbeat => ({ instance, servers });

describe('what is heard of MCP coordinators', () => {
  let all: McpCoordinators;
  const found = (second: number, open: readonly string[] = []) =>
    all
      .findings(second * 1_000, 60_000, open)
      .map(({ key, kind, state, severity }) => [key, kind, state, severity].join(' '));
  const heard = (second: number, one: McpHeartbeat): void => {
    all.heard(one, second * 1_000);
  };

  const serves = 'mcp-coordinator mcp_coordinator_silent resolved info';
  const well = 'mcp/github mcp_server_away resolved info';

  beforeEach(() => {
    all = new McpCoordinators();
  });

  it('is nothing where there is none', () => {
    expect(found(1_000, ['mcp/github'])).toEqual([]);
  });

  it('is that a server is away, once it has not served for a while', () => {
    heard(0, beat('a', server('backing-off', { last_error: 'it has ended' })));
    expect(found(0)).toEqual([serves]);
    heard(15, beat('a', server('starting')));
    expect(found(15)).toEqual([serves]);
    heard(20, beat('a', server('backing-off', { last_error: 'it has ended' })));
    expect(found(20)).toEqual([serves, 'mcp/github mcp_server_away open critical']);
    expect(all.findings(20_000, 60_000, [])[1]?.summary).toBe('The MCP server github does not serve: it has ended');
    heard(25, beat('a', server('ready')));
    expect(found(25)).toEqual([serves, well]);
  });

  it('is no trouble when it came back in between', () => {
    heard(0, beat('a', server('starting')));
    found(0);
    heard(10, beat('a', server('ready')));
    found(10);
    heard(15, beat('a', server('starting')));
    found(15);
    heard(30, beat('a', server('starting')));
    expect(found(30)).toEqual([serves]);
  });

  it('is less of a trouble where another coordinator has it', () => {
    for (const second of [0, 20]) {
      heard(second, beat('a', server('degraded')));
      heard(second, beat('b', server('ready')));
      found(second);
    }
    expect(found(20)).toEqual([serves, 'mcp/github mcp_server_away open warning']);
  });

  it('is that definitions wait for a review', () => {
    heard(0, beat('a', server('ready', { quarantined: ['pr_merge'] })));
    expect(found(0)).toEqual([serves, 'mcp/github mcp_tools_quarantined open warning']);
    expect(all.findings(0, 60_000, [])[1]?.summary).toMatch(/wait for a review: pr_merge$/);
  });

  it('is no trouble with what is switched off, or gone from the configuration', () => {
    heard(0, beat('a', server('disabled')));
    expect(found(100)).toEqual(['mcp-coordinator mcp_coordinator_silent open critical']);
    heard(100, beat('a', server('disabled')));
    expect(found(100, ['mcp/files'])).toEqual([serves, well, 'mcp/files mcp_server_away resolved info']);
  });

  it('is that the coordinator is silent, unless it has said that it leaves or another one beats', () => {
    heard(0, beat('a', server('ready')));
    expect(found(29)).toEqual([serves, well]);
    expect(found(30)).toEqual(['mcp-coordinator mcp_coordinator_silent open critical']);
    // The broker has been away until now.
    expect(all.findings(30_000, 5_000, [])).toEqual([]);
    heard(31, beat('b', server('ready')));
    expect(found(31)).toEqual([serves, well]);
    heard(32, { ...beat('b'), leaving: true });
    expect(found(100)).toEqual([]);
  });
});
