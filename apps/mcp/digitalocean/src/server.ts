// The server: its variables and its tools.
import type { McpServerDefinition } from '@pulser/mcp-server-kit';

import { appTools } from './tools/apps.js';
import { deploymentTools } from './tools/deployments.js';
import { inventoryTools } from './tools/inventory.js';
import { logTools } from './tools/logs.js';
import { resourceTools } from './tools/resources.js';

export const digitalocean: McpServerDefinition = {
  name: 'digitalocean',
  title: 'DigitalOcean',
  version: '0.2.0',
  variables: [
    {
      name: 'DIGITALOCEAN_TOKEN',
      description: 'Personal access token with the scopes that the tools are to have',
      secret: true,
      required: true,
    },
    {
      name: 'DIGITALOCEAN_API_URL',
      description: 'Address of the API, for a proxy in front of it; by default that of DigitalOcean',
      secret: false,
      example: 'https://api.digitalocean.com',
    },
  ],
  tools: [...inventoryTools, ...appTools, ...deploymentTools, ...logTools, ...resourceTools],
};
