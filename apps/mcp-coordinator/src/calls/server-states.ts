// The servers as whoever asks sees them.
import { Injectable } from '@nestjs/common';
import type { McpServer } from '@pulser/contracts';
import type { Breakers } from '@pulser/service-kit';

import type { ServerState } from '../upstreams/upstream.js';
import type { Upstreams } from '../upstreams/upstreams.js';

export const serverView = ({ server, state, since, tools, lastError }: ServerState): McpServer => ({
  name: server,
  state,
  since: since.toISOString(),
  tools,
  last_error: lastError ?? null,
});

@Injectable()
export class ServerStates {
  constructor(
    private readonly upstreams: Pick<Upstreams, 'states'>,
    private readonly breakers: Pick<Breakers, 'worstOf'>,
  ) {}

  list(): McpServer[] {
    return this.upstreams.states().map(serverView);
  }

  /** As the tool gets them that tells of the servers: each with the worst of the breakers of its tools. */
  listWithBreakers() {
    return this.list().map((server) => ({ ...server, breaker: this.breakerOf(server.name) }));
  }

  private breakerOf(server: string): 'closed' | 'half-open' | 'open' {
    const state = this.breakers.worstOf('mcp_tool', (member) => member.startsWith(`${server} `));
    return state === 'half_open' ? 'half-open' : state;
  }
}
