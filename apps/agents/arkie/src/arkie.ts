import { defineAgent } from '@pulser/agent-runtime';
import { infrastructure } from '@pulser/skill-infrastructure';

/** The builder: manifests, what is wrong with them, and what a change of them does. */
export const arkie = defineAgent({ name: 'arkie', skills: [infrastructure], defaultPort: 8014 });
