// The server: its variables and its tools.
import type { McpServerDefinition } from '@pulser/mcp-server-kit';

import { deploymentTools } from './tools/deployment.js';
import { ecosystemTools } from './tools/ecosystem.js';
import { modelTools } from './tools/models.js';
import { recordTools } from './tools/records.js';

const optional = { required: false } as const;

export const pulserHub: McpServerDefinition = {
  name: 'pulser-hub',
  title: 'Odoo and Pulser',
  version: '0.2.0',
  variables: [
    { name: 'ODOO_URL', description: 'Address of Odoo', secret: false, example: 'https://odoo.example.com' },
    { name: 'ODOO_DATABASE', description: 'Name of its database', secret: false, example: 'production' },
    { name: 'ODOO_API_KEY', description: 'API key of a user of Odoo (Preferences, Account Security)', secret: true },
    { name: 'ODOO_LOGIN', description: 'Login of that user; Odoo before 19 needs it', secret: false, ...optional },
    {
      name: 'ODOO_METHODS',
      description: 'Methods that odoo_method_call may call, comma separated',
      secret: false,
      example: 'sale.order.action_confirm,stock.picking.button_validate',
      ...optional,
    },
    {
      name: 'PULSER_URL',
      description: 'Address of Pulser, for orchestrate_deployment',
      secret: false,
      example: 'http://127.0.0.1:8000',
      ...optional,
    },
    { name: 'PULSER_API_KEY', description: 'API key of Pulser that may submit tasks', secret: true, ...optional },
  ],
  ports: [8069, 8000],
  tools: [...modelTools, ...recordTools, ...deploymentTools, ...ecosystemTools],
};
