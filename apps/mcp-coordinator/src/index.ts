export { mcpCoordinator } from './mcp-coordinator.js';
export { McpCoordinatorEnv } from './mcp-coordinator.env.js';
