import { defineAgent } from '@pulser/agent-runtime';
import { infrastructure } from '@pulser/skill-infrastructure';
import { testing } from '@pulser/skill-testing';

/** The tester: checks of HTTP interfaces, of what they promise, and under load. */
export const echo = defineAgent({ name: 'echo', skills: [testing, infrastructure], defaultPort: 8012 });
