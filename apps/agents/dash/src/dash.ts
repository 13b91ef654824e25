import { defineAgent } from '@pulser/agent-runtime';
import { analytics } from '@pulser/skill-analytics';
import { dataPipeline } from '@pulser/skill-data-pipeline';

/** The analyst: queries, charts, reports. */
export const dash = defineAgent({ name: 'dash', skills: [analytics, dataPipeline], defaultPort: 8010 });
