import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Agents } from '@pulser/context-bus';

import { AgentEnv } from '../agent/agent.env.js';
import { AgentProfile } from '../agent/agent-profile.js';

/** Makes the agent's task types known before its first task comes. */
@Injectable()
export class AgentRegistrar implements OnModuleInit {
  constructor(
    private readonly agents: Agents,
    private readonly profile: AgentProfile,
    private readonly env: AgentEnv,
  ) {}

  /** @throws AgentNotAdmitted */
  onModuleInit(): Promise<void> {
    return this.agents.register(this.profile.registration, this.env.AGENT_TOKEN);
  }
}
