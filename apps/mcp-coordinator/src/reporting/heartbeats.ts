// Says every few seconds that this coordinator is there, and how its servers are: the health service makes incidents of it.
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { McpHeartbeat } from '@pulser/contracts';
import { Publisher } from '@pulser/messaging';
import { Rounds, ServiceInfo } from '@pulser/service-kit';

import { ToolRegistry } from '../registry/tool-registry.js';
import { Upstreams } from '../upstreams/upstreams.js';

const everyMs = 5_000;

@Injectable()
export class McpHeartbeats implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private isLeaving = false;

  constructor(
    private readonly upstreams: Upstreams,
    private readonly registry: ToolRegistry,
    private readonly publisher: Publisher,
    private readonly info: ServiceInfo,
    private readonly rounds: Rounds,
  ) {}

  onApplicationBootstrap(): void {
    this.rounds.every(everyMs, async () => {
      if (!this.isLeaving) await this.beat({ servers: this.servers() });
    });
  }

  // Before the way to the broker closes.
  async beforeApplicationShutdown(): Promise<void> {
    this.isLeaving = true;
    await this.beat({ leaving: true, servers: [] });
  }

  // Who misses one hears the next.
  private async beat(heartbeat: Omit<McpHeartbeat, 'instance'>): Promise<void> {
    await this.publisher
      .publish('mcp.heartbeat', { instance: this.info.instance, ...heartbeat })
      .catch(() => undefined);
  }

  private servers(): McpHeartbeat['servers'] {
    const waiting = Map.groupBy(
      this.registry.list().filter(({ isQuarantined }) => isQuarantined),
      ({ server }) => server,
    );
    return this.upstreams.states().map(({ server, state, lastError }) => ({
      name: server,
      state,
      last_error: lastError ?? null,
      quarantined: (waiting.get(server) ?? []).map(({ tool }) => tool),
    }));
  }
}
