import { AgentProfile, type Skill, skill } from '../src/index.js';
import { ExportedSkills } from '../src/run/registration.js';
import { operations } from './operations.js';
import { threadedSkill } from './threaded.skill.js';

const check = (one: Skill): Promise<void> =>
  new ExportedSkills(new AgentProfile({ name: 'dash', skills: [one], defaultPort: 0 })).onModuleInit();

describe('the module of a skill', () => {
  it('must export it when handlers run in threads, or the worker does not start', async () => {
    await expect(check(threadedSkill)).resolves.toBeUndefined();
    await expect(check(skill('analytics', import.meta.url, operations))).rejects.toMatchObject({
      name: 'SkillNotExported',
      message: expect.stringMatching(/skill-module\.spec\.ts does not export the skill "analytics"/) as string,
    });
  });

  it('does not matter to handlers that are inline', async () => {
    const inline = operations.map((one) => ({ ...one, inline: true }));
    await expect(check(skill('analytics', 'file:///nowhere.js', inline))).resolves.toBeUndefined();
  });
});
