import { defineAgent } from '@pulser/agent-runtime';
import { infrastructure } from '@pulser/skill-infrastructure';
import { testing } from '@pulser/skill-testing';

/** The builder: manifests, what is wrong with them, and what a change of them does. */
export const arkie = defineAgent({ name: 'arkie', skills: [infrastructure, testing], defaultPort: 8014 });
