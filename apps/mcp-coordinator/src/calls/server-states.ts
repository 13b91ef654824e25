// The servers as whoever asks sees them.
import { Injectable } from '@nestjs/common';
import type { McpServer, McpServerChange, McpServerStatus } from '@pulser/contracts';
import type { Breakers } from '@pulser/service-kit';

import type { ServerState, StateChange } from '../upstreams/upstream.js';
import type { Upstreams } from '../upstreams/upstreams.js';

export const serverStatus = ({ server, state, since, tools, lastError }: ServerState): McpServerStatus => ({
  name: server,
  state,
  since: since.toISOString(),
  tools,
  last_error: lastError ?? null,
});

const transports = { child: 'stdio', http: 'http', 'in-process': 'in-process' } as const satisfies Record<
  ServerState['mode'],
  McpServer['transport']
>;

const serverView = (state: ServerState): McpServer => ({
  ...serverStatus(state),
  is_own: state.isOwn,
  // An entry of the file that cannot be read says nothing of it.
  transport: state.isOwn || state.mode !== 'in-process' ? transports[state.mode] : null,
  protocol: state.revision ?? null,
  software: state.software ?? null,
  starts: state.starts,
  in_flight: state.inFlight,
  last_error_at: state.lastErrorAt?.toISOString() ?? null,
});

const changeView = ({ at, state, error }: StateChange): McpServerChange => ({
  at: at.toISOString(),
  state,
  error: error ?? null,
});

@Injectable()
export class ServerStates {
  constructor(
    private readonly upstreams: Pick<Upstreams, 'states' | 'changesOf'>,
    private readonly breakers: Pick<Breakers, 'worstOf'>,
  ) {}

  list(): McpServer[] {
    return this.upstreams.states().map(serverView);
  }

  /** @returns undefined when there is no such server */
  find(name: string): (McpServer & { readonly changes: McpServerChange[] }) | undefined {
    const state = this.upstreams.states().find(({ server }) => server === name);
    return state && { ...serverView(state), changes: (this.upstreams.changesOf(name) ?? []).map(changeView) };
  }

  /** As the tool gets them that tells of the servers: each with the worst of the breakers of its tools. */
  listWithBreakers() {
    return this.upstreams.states().map((state) => ({ ...serverStatus(state), breaker: this.breakerOf(state.server) }));
  }

  private breakerOf(server: string): 'closed' | 'half-open' | 'open' {
    const state = this.breakers.worstOf('mcp_tool', (member) => member.startsWith(`${server} `));
    return state === 'half_open' ? 'half-open' : state;
  }
}
