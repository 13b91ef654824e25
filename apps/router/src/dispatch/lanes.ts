import { Injectable } from '@nestjs/common';
import { type AgentName, agentNames } from '@pulser/contracts';

import { RouterEnv } from '../router.env.js';
import { AgentQueueWindow } from './agent-queue-window.js';

/** The lanes of all agents. */
@Injectable()
export class Lanes {
  private readonly byAgent: ReadonlyMap<AgentName, AgentQueueWindow>;

  constructor({ WINDOW_S, WINDOW_MAX }: RouterEnv) {
    const limits = { seconds: WINDOW_S, max: WINDOW_MAX };
    this.byAgent = new Map(agentNames.map((agent) => [agent, new AgentQueueWindow(agent, limits)]));
  }

  of(agent: AgentName): AgentQueueWindow {
    const lane = this.byAgent.get(agent);
    if (lane === undefined) throw new TypeError(`There is no agent "${agent}"`);
    return lane;
  }

  get active(): AgentQueueWindow[] {
    return [...this.byAgent.values()].filter((lane) => lane.active);
  }
}
