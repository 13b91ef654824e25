// Every page of the dashboard: a line each. README.md says how one is added.
import { agentRoute } from './agent/agent-route.js';
import { agentsRoute } from './agents/agents-route.js';
import { approvalsRoute } from './approvals/approvals-route.js';
import { auditRoute } from './audit/audit-route.js';
import { conversationRoute } from './conversation/conversation-route.js';
import { conversationsRoute } from './conversations/conversations-route.js';
import { datasetRoute } from './dataset/dataset-route.js';
import { datasetsRoute } from './datasets/datasets-route.js';
import { deadLetterRoute } from './dead-letter/dead-letter-route.js';
import { deadLettersRoute } from './dead-letters/dead-letters-route.js';
import { destinationsRoute } from './destinations/destinations-route.js';
import { designRoute } from './design/design-route.js';
import { hooksRoute } from './hooks/hooks-route.js';
import { incidentsRoute } from './incidents/incidents-route.js';
import { keysRoute } from './keys/keys-route.js';
import { mcpCallsRoute } from './mcp-calls/mcp-calls-route.js';
import { mcpPinsRoute } from './mcp-pins/mcp-pins-route.js';
import { mcpServerRoute } from './mcp-server/mcp-server-route.js';
import { mcpServersRoute } from './mcp-servers/mcp-servers-route.js';
import { mcpToolRoute } from './mcp-tool/mcp-tool-route.js';
import { mcpToolsRoute } from './mcp-tools/mcp-tools-route.js';
import { memoriesRoute } from './memories/memories-route.js';
import { memoryRoute } from './memory/memory-route.js';
import { overviewRoute } from './overview/overview-route.js';
import { scheduleRoute } from './schedule/schedule-route.js';
import { schedulesRoute } from './schedules/schedules-route.js';
import { runRoute } from './run/run-route.js';
import { secretsRoute } from './secrets/secrets-route.js';
import { settingsRoute } from './settings/settings-route.js';
import { spendRoute } from './spend/spend-route.js';
import { submitRoute } from './submit/submit-route.js';
import { taskRoute } from './task/task-route.js';
import { tasksRoute } from './tasks/tasks-route.js';
import { workflowRoute } from './workflow/workflow-route.js';
import { workflowsRoute } from './workflows/workflows-route.js';

export const pageRoutes = [
  overviewRoute,
  tasksRoute,
  taskRoute,
  submitRoute,
  schedulesRoute,
  scheduleRoute,
  hooksRoute,
  workflowsRoute,
  workflowRoute,
  runRoute,
  approvalsRoute,
  deadLettersRoute,
  deadLetterRoute,
  agentsRoute,
  agentRoute,
  spendRoute,
  datasetsRoute,
  datasetRoute,
  memoriesRoute,
  memoryRoute,
  conversationsRoute,
  conversationRoute,
  settingsRoute,
  auditRoute,
  keysRoute,
  secretsRoute,
  destinationsRoute,
  incidentsRoute,
  mcpToolsRoute,
  mcpToolRoute,
  mcpServersRoute,
  mcpServerRoute,
  mcpCallsRoute,
  mcpPinsRoute,
  designRoute,
] as const;
