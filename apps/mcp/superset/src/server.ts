// The server: its variables and its tools.
import type { McpServerDefinition } from '@pulser/mcp-server-kit';

import { chartTools } from './tools/charts.js';
import { dashboardTools } from './tools/dashboards.js';
import { datasetTools } from './tools/datasets.js';
import { reportTools } from './tools/reports.js';

export const superset: McpServerDefinition = {
  name: 'superset',
  title: 'Apache Superset',
  version: '0.2.0',
  variables: [
    {
      name: 'SUPERSET_URL',
      description: 'Address of Superset',
      secret: false,
      required: true,
      example: 'https://superset.example.com',
    },
    {
      name: 'SUPERSET_USERNAME',
      description: 'A user with the rights that the tools shall have',
      secret: false,
      required: true,
    },
    { name: 'SUPERSET_PASSWORD', description: 'Password of that user', secret: true, required: true },
    { name: 'SUPERSET_PROVIDER', description: 'ldap, where users are not kept by Superset itself', secret: false },
  ],
  ports: [8088],
  tools: [...dashboardTools, ...chartTools, ...datasetTools, ...reportTools],
};
