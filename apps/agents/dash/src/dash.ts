import { defineAgent } from '@pulser/agent-runtime';
import { analytics } from '@pulser/skill-analytics';

/** The analyst: queries, charts, reports. */
export const dash = defineAgent({ name: 'dash', skills: [analytics], defaultPort: 8010 });
