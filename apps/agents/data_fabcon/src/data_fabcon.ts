import { defineAgent } from '@pulser/agent-runtime';
import { analytics } from '@pulser/skill-analytics';
import { dataPipeline } from '@pulser/skill-data-pipeline';

/** The pipeline builder: datasets out of files and SQL, and what is to be known about them. */
export const data_fabcon = defineAgent({ name: 'data_fabcon', skills: [dataPipeline, analytics], defaultPort: 8013 });
