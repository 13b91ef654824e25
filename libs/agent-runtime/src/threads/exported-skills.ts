import { Injectable, type OnModuleInit } from '@nestjs/common';

import { AgentProfile } from '../agent/agent-profile.js';
import type { Skill } from '../skills/skill.js';

/** Its module does not let threads find a skill. */
export class SkillNotExported extends Error {
  readonly startHint =
    'export it there, give skill() the import.meta.url of that module, or declare its operations inline';

  constructor({ taskType, module }: Skill) {
    super(`${module} does not export the skill "${taskType}", whose handlers run in threads`);
    this.name = 'SkillNotExported';
  }
}

/** Checks at the start what threads will need later. */
@Injectable()
export class ExportedSkills implements OnModuleInit {
  constructor(private readonly profile: AgentProfile) {}

  /** @throws SkillNotExported */
  async onModuleInit(): Promise<void> {
    for (const skill of this.profile.threaded) {
      const exported: object = (await import(skill.module)) as object;
      if (!Object.values(exported).includes(skill)) throw new SkillNotExported(skill);
    }
  }
}
