import './heap.js';

import { runService } from '@pulser/service-kit';

import { mcpCoordinator } from './mcp-coordinator.js';

await runService(mcpCoordinator);
